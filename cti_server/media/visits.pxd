# Types for visits.py when it is compiled.

import cython

from cti_server.media.packets cimport StreamIn
from cti_server.media.sockets cimport cmsghdr, iovec, msghdr, timespec


cdef class Visits:
    cdef object _loop
    cdef list _turns
    cdef long long _turn
    cdef bytearray _buffer
    cdef msghdr _message
    cdef iovec _place
    cdef char _stamp[64]

    @cython.locals(on=cython.int, stamped=cython.int)
    cpdef bint begin(self, int fd, StreamIn stream) except -1

    @cython.locals(size=cython.Py_ssize_t, at=double, now=double, ahead=double, waiting=cython.int)
    cdef _read(self, StreamIn stream, int fd)

    cdef Py_ssize_t _receive(self, int fd) except -2

    @cython.locals(header="cmsghdr *", stamp="timespec *", at=double)
    cdef double _arrived(self, double now, double ahead) except -1
