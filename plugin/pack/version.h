/* The version that the command, its reports and its messages name. */
#ifndef TN_VERSION_H
#define TN_VERSION_H

#define TN_VERSION "0.1.0"

/* The layout of `tincture-notebook` and `tincture-payload`. */
#define TN_REPORT_VERSION 3

#endif /* TN_VERSION_H */
