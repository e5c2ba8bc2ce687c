# Workload W1 with hand-written provisioners. A replacement runs destroy-time provisioners too, so the resource whose content
# changes carries none. `live` adds a check of every host, which Terraform itself never does.
variable "all" { type = list(string) }
variable "hosts" { type = list(string) }
variable "workload" { type = string }
variable "private_key" { type = string }
variable "log" { type = string }
variable "live" { type = bool }

locals {
  names = ["cache", "db", "log", "queue", "web"]
  conf = { for h in var.hosts : h => { for n in local.names : n => templatefile("${var.workload}/${n}.conf.tftpl", {
    host = { address = h }, instance = { index = index(var.all, h), peers = [for p in var.all : { address = p }] }, input = { log_level = var.log } }) } }
  unit = file("shop.service")
  sha  = filesha256("${var.workload}/app.bin")
  sums = { for h in var.hosts : h => join("\n", concat(["${local.sha}  /opt/shop/app.bin", "${sha256(local.unit)}  /etc/systemd/system/shop.service"],
  [for n, c in local.conf[h] : "${sha256(c)}  /etc/shop/${n}.conf"])) }
  key = file(var.private_key)
}

resource "terraform_data" "life" {
  for_each         = toset(var.hosts)
  input            = { host = each.key, key = var.private_key }
  triggers_replace = [local.sha]
  connection {
    host        = self.input.host
    user        = "root"
    private_key = file(self.input.key)
    script_path = "/tmp/tf_life.sh"
  }
  provisioner "file" {
    source      = "${var.workload}/app.bin"
    destination = "/tmp/app.bin"
  }
  provisioner "remote-exec" {
    inline = ["set -e", "id -u app >/dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin app",
      "install -d -o app -g app /opt/shop /var/lib/shop; install -d /etc/shop",
      "echo '${local.sha}  /tmp/app.bin' | sha256sum -c --quiet", "install -m 644 -o app -g app /tmp/app.bin /opt/shop/app.bin; rm /tmp/app.bin"]
  }
  provisioner "remote-exec" {
    when   = destroy
    inline = ["set -e", "systemctl -q disable --now shop; rm -rf /etc/systemd/system/shop.service /etc/shop /opt/shop /var/lib/shop; systemctl daemon-reload; userdel app"]
  }
}

resource "terraform_data" "shop" {
  for_each         = toset(var.hosts)
  triggers_replace = [local.conf[each.key], local.unit, terraform_data.life[each.key].id]
  connection {
    host        = each.key
    user        = "root"
    private_key = local.key
    script_path = "/tmp/tf_shop.sh"
  }
  provisioner "remote-exec" {
    inline = concat(["set -e; changed=0", "put() { echo $4 | base64 -d >/tmp/.put; cmp -s /tmp/.put $1 || { install -m $2 -o $3 -g $3 /tmp/.put $1; changed=1; }; }"],
      [for n, c in local.conf[each.key] : "put /etc/shop/${n}.conf 640 app ${base64encode(c)}"],
      ["files=$changed; changed=0; put /etc/systemd/system/shop.service 644 root ${base64encode(local.unit)}; unit=$changed",
        "[ $unit = 0 ] || { systemctl daemon-reload; systemctl -q enable shop; }; if [ $files$unit = 00 ]; then systemctl start shop; else systemctl restart shop; fi",
    "bash -c 'for i in $(seq 300); do (exec 3<>/dev/tcp/127.0.0.1/8099) 2>/dev/null && exit 0; sleep 0.05; done; exit 1'"])
  }
}

resource "terraform_data" "check" {
  for_each         = var.live ? toset(var.hosts) : toset([])
  triggers_replace = [timestamp(), terraform_data.shop[each.key].id]
  connection {
    host        = each.key
    user        = "root"
    private_key = local.key
    script_path = "/tmp/tf_check.sh"
  }
  provisioner "remote-exec" {
    inline = ["set -e; echo '${local.sums[each.key]}' | sha256sum -c --quiet; id -u app >/dev/null; systemctl -q is-active shop; systemctl -q is-enabled shop; bash -c 'exec 3<>/dev/tcp/127.0.0.1/8099'"]
  }
}
