/* What JavaScript does to Python objects: the exports over kernel/js/proxy.h,
 * each of which is a call that web_stack.h describes.
 */
#include "web_proxy.h"

#include "web_stack.h"

struct proxy_state *
proxy_state(void)
{
    static struct proxy_state state;

    return &state;
}

/* Python does not run now, and there is no exception to say so with. */
static int
refuse(int status, struct js_value *values)
{
    *values = (struct js_value){.kind = JS_UNDEFINED};
    return status;
}

int
tn_proxy_call(uint32_t handle, struct js_value *values, size_t count,
              size_t name_count)
{
    struct web_call call;
    int status = web_call_enter(&call);

    if (status < 0) {
        return refuse(status, values);
    }
    status = proxy_call(handle, values, count, name_count);
    web_call_leave(&call);
    return status;
}

int
tn_proxy_get(uint32_t handle, uint32_t name, uint32_t cached,
             struct js_value *values)
{
    struct web_call call;
    int status = web_call_enter(&call);

    if (status < 0) {
        return refuse(status, values);
    }
    status = proxy_get(handle, name, cached, values);
    web_call_leave(&call);
    return status;
}

int
tn_proxy_operate(int operation, uint32_t handle, struct js_value *values,
                 size_t count)
{
    struct web_call call;
    int status = web_call_enter(&call);

    if (status < 0) {
        return refuse(status, values);
    }
    status = proxy_operate((enum proxy_operation)operation, handle, values,
                           count);
    web_call_leave(&call);
    return status;
}

uint32_t
tn_proxy_name(struct js_value *text)
{
    struct web_call call;
    uint32_t number;

    if (web_call_enter(&call) < 0) {
        return 0;
    }
    number = proxy_name(text);
    web_call_leave(&call);
    return number;
}

void
tn_proxy_release(const uint32_t *handles, size_t count)
{
    struct web_call call;

    if (web_call_enter(&call) < 0) {
        return;
    }
    proxy_release(handles, count);
    web_call_leave(&call);
}

void
tn_proxy_renew(uint32_t first_index)
{
    struct web_call call;

    if (web_call_enter(&call) == TN_OK) {
        proxy_renew(first_index);
        web_call_leave(&call);
    }
}

void
web_proxy_forget(void)
{
    struct web_call call;

    if (web_call_enter(&call) == TN_OK) {
        proxy_release_all();
        web_call_leave(&call);
    }
}

uint32_t
web_proxy_expose(void *context, struct _object *object,
                 uint32_t *out_abilities)
{
    (void)context;
    return proxy_expose(object, out_abilities);
}
