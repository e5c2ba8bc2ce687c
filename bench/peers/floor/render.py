"""render.py PHASE HOST...: one tar per host, with its script, files and their digests."""
import hashlib, io, os, sys, tarfile

phase, hosts = sys.argv[1], sys.argv[2:]
shop, stage, here = os.environ["WORKLOAD"], os.environ["STAGE"], os.path.dirname(os.path.abspath(__file__))
names = ["cache", "db", "log", "queue", "web"]


def read(path):
    with open(path, "rb") as file:
        return file.read()


templates = {name: read(f"{shop}/{name}.conf.tftpl").decode() for name in names}
script, app = read(f"{here}/host.sh"), read(f"{shop}/app.bin")
digest = hashlib.sha256(app).hexdigest()
unit = b"""[Unit]
Description=shop
After=network.target

[Service]
User=app
WorkingDirectory=/opt/shop
ExecStart=/usr/bin/python3 -m http.server 8099 --bind 0.0.0.0 --directory /opt/shop
Restart=on-failure

[Install]
WantedBy=multi-user.target
"""
peers = ",".join(os.environ["ALL"].split())
for index, host in enumerate(hosts):
    files = {"host.sh": script, "shop.service": unit, "app.sha256": f"{digest}  app.bin\n".encode()}
    sums = f"{digest}  /opt/shop/app.bin\n{hashlib.sha256(unit).hexdigest()}  /etc/systemd/system/shop.service\n"
    for name, text in templates.items():
        text = text.replace("${host.address}", host).replace("${instance.index}", str(index))
        text = text.replace('${join(",", instance.peers[*].address)}', peers).replace("${input.log_level}", os.environ["LOG"])
        files[f"{name}.conf"] = text.encode()
        sums += f"{hashlib.sha256(text.encode()).hexdigest()}  /etc/shop/{name}.conf\n"
    if phase == "first":
        files["app.bin"] = app
    with tarfile.open(f"{stage}/{host}.tar", "w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    with open(f"{stage}/{host}.sums", "w") as file:
        file.write(sums)
