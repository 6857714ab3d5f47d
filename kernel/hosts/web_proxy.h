/* The exports by which JavaScript reaches Python objects.  A part of web.h
 * for those that know Python; kernel/js/proxy.h has the terms.
 *
 * They may be called at any time, also while Python is suspended.  Each gives
 * an enum proxy_answer with the result in values[0], -1 with what is to be
 * thrown there.
 */
#ifndef TN_WEB_PROXY_H
#define TN_WEB_PROXY_H

#include "proxy.h"
#include "web.h"

/* The arguments stand in `values`; the last `name_count` of them go by the
 * names behind them. */
WEB_EXPORT("tn_proxy_call")
int tn_proxy_call(uint32_t handle, struct js_value *values, size_t count,
                  size_t name_count);

/* An attribute, by the number that tn_proxy_name gave. */
WEB_EXPORT("tn_proxy_get")
int tn_proxy_get(uint32_t handle, uint32_t name, uint32_t cached,
                 struct js_value *values);

/* One of enum proxy_operation. */
WEB_EXPORT("tn_proxy_operate")
int tn_proxy_operate(int operation, uint32_t handle, struct js_value *values,
                     size_t count);

/* A number for a text that is a name; 0 where there is none. */
WEB_EXPORT("tn_proxy_name") uint32_t tn_proxy_name(struct js_value *text);

/* JavaScript has no proxies of these handles any more. */
WEB_EXPORT("tn_proxy_release")
void tn_proxy_release(const uint32_t *handles, size_t count);

/* Memory is a checkpoint, which JavaScript's proxies outlive: handles that it
 * was given later mean nothing here.  New ones have at least this index, so
 * that none of those is theirs. */
WEB_EXPORT("tn_proxy_renew") void tn_proxy_renew(uint32_t first_index);

#endif /* TN_WEB_PROXY_H */
