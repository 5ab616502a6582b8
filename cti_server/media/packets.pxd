# Types for packets.py when it is compiled: fields in C, which Python sees as attributes.

import cython

cdef Py_ssize_t _HEADER, _LARGEST, _DONE
cdef long long _WORD
cdef bytearray _PACKET


cdef class Line:
    cdef public bytearray buffer
    cdef public long long next_timestamp


cdef class Way:
    cdef Py_ssize_t pass_on(self, unsigned char *data, Py_ssize_t size) except -1


cdef class StreamOut:
    cdef public int fd
    cdef public Way way
    cdef public object send
    cdef public long long head
    cdef public long long ssrc
    cdef public long long sequence
    cdef public long long timestamp
    cdef public double at
    cdef public bint marker_due
    cdef public long long sent
    cdef public long long tick
    cdef public long long octets

    @cython.locals(head="long long")
    cpdef send_audio(self, bytes payload)

    @cython.locals(size=cython.Py_ssize_t, data="unsigned char *")
    cpdef send_packet(self, long long head, long long timestamp, bytes payload)

    cpdef pass_time(self)


cdef class StreamIn:
    cdef public long long head
    cdef public long long next
    cdef public long long ssrc
    cdef public long long size
    cdef public long long timestamp
    cdef public double transit
    cdef public double jitter
    cdef public long long sequence_shift
    cdef public long long timestamp_shift
    cdef public bytes table
    cdef public Line line
    cdef public object channel
    cdef public list tap
    cdef public StreamOut to


cdef class Cursor:
    cdef public bytes audio
    cdef public Py_ssize_t position

    @cython.locals(end=cython.Py_ssize_t)
    cpdef bint send_next(self, StreamOut to) except -1


@cython.locals(size=cython.Py_ssize_t)
cdef Py_ssize_t _read(StreamIn stream, int fd, bytearray buffer, double now) except -2

@cython.locals(
    data="unsigned char *", ssrc="unsigned int", seq="unsigned int", timestamp="unsigned int",
    transit=double, step=double, line=Line,
)
cdef bint in_place(StreamIn stream, bytearray buffer, Py_ssize_t size, double now) except -1

@cython.locals(length=cython.Py_ssize_t, count=cython.Py_ssize_t)
cdef _append(Line line, unsigned char *data, Py_ssize_t size)

@cython.locals(sent=cython.Py_ssize_t)
cdef _send(StreamOut to, unsigned char *data, Py_ssize_t size)

@cython.locals(data="unsigned char *")
cdef unsigned char *_outgoing(bytes payload, Py_ssize_t size) except NULL

@cython.locals(table=bytes, at=cython.Py_ssize_t)
cdef _relay(
    StreamIn stream, StreamOut to, bytearray buffer, unsigned char *data, Py_ssize_t size,
    long long seq, long long timestamp
)

cdef void _put(
    unsigned char *data, long long head, long long seq, long long timestamp, long long ssrc
) noexcept
