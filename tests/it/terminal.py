"""Runs a command in a terminal of its own and answers its questions.

Reads a JSON list of [expected text, answer] from stdin, prints what a person would have seen
without colours and cursor movements, and ends with the command's exit code."""

import json, os, pty, re, select, struct, sys, fcntl, termios, time

script = json.load(sys.stdin)
child, terminal = pty.fork()
if child == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])

seen, start, deadline = "", 0, time.monotonic() + 60
plain = lambda text: re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)
while True:
    if time.monotonic() > deadline:
        print(plain(seen), f"\n--- nothing more came; waited for {script[:1]}", sep="")
        sys.exit(124)
    if not select.select([terminal], [], [], 0.2)[0]:
        continue
    try:
        data = os.read(terminal, 65536)
    except OSError:
        break
    if not data:
        break
    seen += data.decode("utf-8", "replace")
    # One answer for each question, and only when it is on the screen.
    while script and script[0][0] in plain(seen)[start:]:
        start = len(plain(seen))
        os.write(terminal, script.pop(0)[1].encode())

_, status = os.waitpid(child, 0)
sys.stdout.write(plain(seen).replace("\r\n", "\n"))
if script:
    print(f"--- never asked: {script[0][0]}")
print(f"--- exit: {os.waitstatus_to_exitcode(status)}; cursor {'hidden' if seen.rfind('?25l') > seen.rfind('?25h') else 'shown'}")
