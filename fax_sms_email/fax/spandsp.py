"""
spandsp 0.0.6 (LGPL-2.1), which does T.30 and the modems: its C functions, through cffi.

Debian's ``libspandsp2`` is loaded when the first terminal is made. Its states are opaque and of its
own making; the one structure that is laid out here is that of a call's figures.
"""

import functools
from typing import Any, Final

from cffi import FFI

from .errors import NoFaxEngine

LIBRARY: Final = "libspandsp.so.2"
IMAGES: Final = "libtiff.so.6"
SLACK: Final = 16
"""Words behind the figures that a later version would fill: that is noticed, and refused."""

ffi: Final[Any] = FFI()
ffi.cdef(
    """
    typedef struct fax_state_s fax_state_t;
    typedef struct t30_state_s t30_state_t;
    typedef struct t38_terminal_state_s t38_terminal_state_t;
    typedef struct t38_core_state_s t38_core_state_t;
    typedef int (*phase_handler_t)(t30_state_t *, void *, int);
    typedef void (*end_handler_t)(t30_state_t *, void *, int);
    typedef int (*packet_handler_t)(t38_core_state_t *, void *, const uint8_t *, int, int);
    typedef struct {
        int bit_rate, error_correcting_mode, pages_tx, pages_rx, pages_in_file;
        int x_resolution, y_resolution, width, length, image_size, encoding;
        int bad_rows, longest_bad_row_run, error_correcting_mode_retries, current_status;
        int slack[16];
    } figures_t;

    fax_state_t *fax_init(fax_state_t *, int calling_party);
    int fax_free(fax_state_t *);
    int fax_rx(fax_state_t *, int16_t *, int);
    int fax_rx_fillin(fax_state_t *, int);
    int fax_tx(fax_state_t *, int16_t *, int);
    void fax_set_transmit_on_idle(fax_state_t *, int);
    t30_state_t *fax_get_t30_state(fax_state_t *);

    t38_terminal_state_t *t38_terminal_init(
        t38_terminal_state_t *, int calling_party, packet_handler_t, void *);
    int t38_terminal_free(t38_terminal_state_t *);
    int t38_terminal_send_timeout(t38_terminal_state_t *, int samples);
    t30_state_t *t38_terminal_get_t30_state(t38_terminal_state_t *);
    t38_core_state_t *t38_terminal_get_t38_core_state(t38_terminal_state_t *);
    int t38_core_rx_ifp_packet(t38_core_state_t *, const uint8_t *, int, uint16_t);
    void t38_set_t38_version(t38_core_state_t *, int);

    void t30_set_phase_b_handler(t30_state_t *, phase_handler_t, void *);
    void t30_set_phase_d_handler(t30_state_t *, phase_handler_t, void *);
    void t30_set_phase_e_handler(t30_state_t *, end_handler_t, void *);
    void t30_set_tx_file(t30_state_t *, const char *, int first_page, int last_page);
    void t30_set_rx_file(t30_state_t *, const char *, int last_page);
    int t30_set_tx_ident(t30_state_t *, const char *);
    const char *t30_get_rx_ident(t30_state_t *);
    int t30_set_tx_page_header_info(t30_state_t *, const char *);
    int t30_set_tx_page_header_tz(t30_state_t *, const char *);
    int t30_set_ecm_capability(t30_state_t *, int);
    int t30_set_rx_encoding(t30_state_t *, int);
    int t30_set_supported_modems(t30_state_t *, int);
    int t30_set_supported_compressions(t30_state_t *, int);
    int t30_set_supported_resolutions(t30_state_t *, int);
    int t30_set_supported_image_sizes(t30_state_t *, int);
    void t30_get_transfer_statistics(t30_state_t *, figures_t *);
    void t30_terminate(t30_state_t *);
    const char *t30_completion_code_to_str(int);

    void span_set_message_handler(void (*)(int, const char *));
    void span_set_error_handler(void (*)(const char *));
    """
)


@functools.cache
def library() -> Any:
    """Raises NoFaxEngine."""
    try:
        found: Any = ffi.dlopen(LIBRARY)
    except OSError as error:
        raise NoFaxEngine(f"{LIBRARY} is not there (Debian: libspandsp2): {error}") from None
    found.span_set_message_handler(ffi.NULL)
    found.span_set_error_handler(ffi.NULL)
    _silence_images()
    return found


def _silence_images() -> None:
    """What libtiff has to say of a bad file it would print; spandsp tells the same by a code."""
    handlers: Any = FFI()
    handlers.cdef("void *TIFFSetErrorHandler(void *); void *TIFFSetWarningHandler(void *);")
    images = handlers.dlopen(IMAGES)
    images.TIFFSetErrorHandler(handlers.NULL)
    images.TIFFSetWarningHandler(handlers.NULL)
