"""Carries frames between two network interfaces and holds each of them back for a while.

The kernel's own netem is often not built. usage: python3 delay-line.py INTERFACE INTERFACE MILLISECONDS
"""

import collections
import select
import socket
import sys
import time

ETH_P_ALL = 3
SOL_PACKET = 263
PACKET_VNET_HDR = 15
PACKET_IGNORE_OUTGOING = 23
SO_RCVBUFFORCE = 33
PACKET_OUTGOING = 4


def open_wire(interface):
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    # Frames of a virtual cable carry unfinished checksums and may exceed the MTU: this header keeps what the kernel knows of them.
    wire.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    try:
        wire.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    except OSError:
        pass
    wire.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
    wire.bind((interface, ETH_P_ALL))
    wire.setblocking(False)
    return wire


def drain(wire):
    """All frames that wait on the wire, without those we sent ourselves."""
    while True:
        try:
            frame, sender = wire.recvfrom(70000)
        except OSError:
            return
        if sender[2] != PACKET_OUTGOING:
            yield frame


def carry(left, right, delay):
    across = {left: right, right: left}
    held = collections.deque()  # (when due, to which wire, frame); one delay for all, so it stays in order
    while True:
        patience = max(0, held[0][0] - time.monotonic()) if held else None
        readable, _, _ = select.select([left, right], [], [], patience)
        for wire in readable:
            for frame in drain(wire):
                held.append((time.monotonic() + delay, across[wire], frame))
        while held and held[0][0] <= time.monotonic():
            _, wire, frame = held.popleft()
            try:
                wire.send(frame)
            except OSError:
                pass  # the link is down: the frame is lost, as on a real cable


carry(open_wire(sys.argv[1]), open_wire(sys.argv[2]), float(sys.argv[3]) / 1000)
