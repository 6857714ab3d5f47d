/* Status codes of Tincture's plain C libraries: bridge, kernel/fs and
 * plugin/pack.
 *
 * A function that can fail returns an int: 0 is fine, a negative value is one
 * of these.  kernel/fs answers system calls with a negative errno instead and
 * says so in its headers.  A Python exception is a result, never a status.
 */
#ifndef TN_STATUS_H
#define TN_STATUS_H

enum tn_status {
    TN_OK = 0,
    TN_ERROR_MEMORY = -1,      /* an allocation failed */
    TN_ERROR_INVALID = -2,     /* the input is malformed or damaged */
    TN_ERROR_LIMIT = -3,       /* a named limit was passed */
    TN_ERROR_IO = -4,          /* the host could not read or write */
    TN_ERROR_MISSING = -5,     /* what was asked for is not there */
    TN_ERROR_STATE = -6,       /* not possible now */
    TN_ERROR_UNSUPPORTED = -7, /* known, but not possible in this build */
};

/* A pointer so marked passes ownership to the callee (parameter) or to the
 * caller (result).  An unmarked pointer is borrowed for the call. */
#define TN_OWN

#endif /* TN_STATUS_H */
