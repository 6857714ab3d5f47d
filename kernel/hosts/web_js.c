/* What kernel/js asks of JavaScript.  Each import may call back into Python
 * (web_stack.h says what such a call may do).
 */
#include "js.h"
#include "kernel.h"
#include "web.h"

WEB_IMPORT("js_get")
int web_import_js_get(uint32_t place, uint32_t generation, uint32_t name,
                      struct js_value *out);
WEB_IMPORT("js_call")
int web_import_js_call(uint32_t place, uint32_t generation,
                       const struct js_value *self,
                       const struct js_value *arguments, size_t count,
                       struct js_value *out);
WEB_IMPORT("js_operate")
int web_import_js_operate(int operation, const struct js_value *arguments,
                          size_t count, struct js_value *out);
WEB_IMPORT("js_name")
void web_import_js_name(uint32_t name, const struct js_value *text);
WEB_IMPORT("js_release")
void web_import_js_release(const uint32_t *places, size_t count);

/* Where JavaScript writes what a call needs to say beside its values. */
#define SCRATCH_SIZE 65536

int
web_js_add_module(void)
{
    return PyImport_AppendInittab("_tincture_js", js_module_init);
}

void
web_js_resume(bool is_same_page)
{
    js_object_resume(is_same_page);
}

void
web_js_rest(void)
{
    js_object_flush();
}

struct js_state *
js_state(void)
{
    static struct js_state state;

    return &state;
}

void *
tn_web_js_scratch(void)
{
    static _Alignas(16) unsigned char scratch[SCRATCH_SIZE];

    return scratch;
}

/* What was printed before JavaScript does something is seen before. */
static void
flush_output(void)
{
    struct tn_kernel *kernel = web_state()->kernel;

    if (kernel != NULL) {
        tn_kernel_flush(kernel);
    }
}

int
js_host_get(uint32_t place, uint32_t generation, uint32_t name,
            struct js_value *out)
{
    return web_import_js_get(place, generation, name, out);
}

int
js_host_call(uint32_t place, uint32_t generation, const struct js_value *self,
             const struct js_value *arguments, size_t count,
             struct js_value *out)
{
    flush_output();
    return web_import_js_call(place, generation, self, arguments, count,
                                out);
}

int
js_host_operate(enum js_operation operation, const struct js_value *arguments,
                size_t count, struct js_value *out)
{
    flush_output();
    return web_import_js_operate((int)operation, arguments, count, out);
}

void
js_host_set_name(uint32_t name, const struct js_value *text)
{
    web_import_js_name(name, text);
}

void
js_host_release(const uint32_t *places, size_t count)
{
    web_import_js_release(places, count);
}
