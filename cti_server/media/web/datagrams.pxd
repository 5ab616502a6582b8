# Types for datagrams.py when it is compiled.

import cython

from cti_server.media.packets cimport StreamIn, Way
from cti_server.media.sockets cimport iovec, mmsghdr, sockaddr_in6

ctypedef int (*Convert)(void *context, void *packet, int *length) noexcept

cdef int _AT_ONCE
cdef Py_ssize_t _ROOM, _LONGEST, _SHORTEST


cdef class SharedSocket:
    cdef public object socket
    cdef int _fd
    cdef object _paths
    cdef dict _addresses
    cdef list _targets
    cdef list _slots
    cdef bytearray _leaving
    cdef int _gathered
    cdef mmsghdr _received[32]
    cdef sockaddr_in6 _sources[32]
    cdef iovec _arriving_at[32]
    cdef mmsghdr _sent[32]
    cdef iovec _leaving_from[32]

    @cython.locals(first=cython.int, sent=cython.int, count=cython.int)
    cpdef flush(self)

    @cython.locals(at=cython.int)
    cdef _gather(self, bytes name, Py_ssize_t size)

    @cython.locals(at=cython.int, count=cython.int, name=bytes)
    cdef int _read_some(self, list others, double now) except -1

    cdef int _read_singly(self, list others, double now) except -1

    @cython.locals(lane=Lane, data="unsigned char *", is_rtp="bint")
    cdef _take(self, bytearray datagram, Py_ssize_t size, object address, list others, double now)

    @cython.locals(at=cython.int)
    cdef _lay_out(self)


cdef class Lane(Way):
    cdef public StreamIn stream
    cdef SharedSocket _shared
    cdef object _srtp
    cdef bytes _name
    cdef Convert _protect
    cdef Convert _unprotect
    cdef void *_outbound
    cdef void *_inbound

    @cython.locals(at=cython.int, length=cython.int, place="char *", shared=SharedSocket)
    cdef Py_ssize_t pass_on(self, unsigned char *data, Py_ssize_t size) except -1

    @cython.locals(length=cython.int, data="char *")
    cdef Py_ssize_t unprotect(self, bytearray datagram, Py_ssize_t size) except -1
