# Runs a program at a terminal of its own: terminal.py ROWS COLUMNS COMMAND...
# What comes on stdin is typed, what the terminal shows goes to stdout; "ROWS COLUMNS\n" on fd 3 changes its size.
import fcntl, os, pty, select, struct, sys, termios

rows, columns, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)


def resize(rows, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


resize(rows, columns)
sources = [terminal, 0, 3]
while True:
    for source in select.select(sources, [], [])[0]:
        try:
            data = os.read(source, 65536)
        except OSError:
            data = b""
        if source == terminal:
            if not data:
                _, status = os.waitpid(pid, 0)
                sys.exit(os.waitstatus_to_exitcode(status) % 256)
            os.write(1, data)
        elif not data:
            sys.exit("the test has gone")  # the terminal closes with us
        elif source == 0:
            os.write(terminal, data)
        else:
            resize(*map(int, data.decode().split()))
