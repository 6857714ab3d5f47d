/* The table of Python objects that JavaScript holds, by handle. */
#include "proxy.h"

#include <string.h>

#include "alloc.h"

/* A handle: the slot's index below, its generation above. */
#define INDEX_BITS 24
#define INDEX_LIMIT (1u << INDEX_BITS)
#define GENERATION_MASK 0xffu

#define FIRST_SLOT_COUNT 256u

static uint32_t
handle_of(uint32_t index, uint32_t generation)
{
    return index | (generation & GENERATION_MASK) << INDEX_BITS;
}

static void
add_free(struct proxy_state *state, uint32_t index)
{
    state->slots[index].next = state->free_slot;
    state->free_slot = index;
}

/* -1. */
static int
grow(struct proxy_state *state)
{
    uint32_t old_count = state->slot_count;
    uint32_t count = old_count == 0 ? FIRST_SLOT_COUNT : 2 * old_count;
    if (count > INDEX_LIMIT) {
        PyErr_SetString(PyExc_MemoryError,
                        "JavaScript holds too many Python objects");
        return -1;
    }
    struct proxy_slot *slots = tn_alloc_zeroed(count, sizeof(*slots));
    if (slots == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    if (old_count != 0) {
        memcpy(slots, state->slots, old_count * sizeof(*slots));
    }
    tn_free(state->slots);
    state->slots = slots;
    state->slot_count = count;
    for (uint32_t index = count - 1; index > 0 && index >= old_count;
         index--) {
        add_free(state, index);
    }
    return 0;
}

uint32_t
proxy_expose(PyObject *object, uint32_t *out_flags)
{
    struct proxy_state *state = proxy_state();
    int64_t flags = proxy_abilities(object);
    if (flags < 0 || (state->free_slot == 0 && grow(state) < 0)) {
        return 0;
    }
    uint32_t index = state->free_slot;
    struct proxy_slot *slot = &state->slots[index];
    state->free_slot = slot->next;
    state->live_count++;
    slot->object = Py_NewRef(object);
    *out_flags = (uint32_t)flags;
    return handle_of(index, slot->generation);
}

static struct proxy_slot *
find_slot(uint32_t handle)
{
    const struct proxy_state *state = proxy_state();
    uint32_t index = handle & (INDEX_LIMIT - 1);
    if (index >= state->slot_count) {
        return NULL;
    }
    struct proxy_slot *slot = &state->slots[index];
    return handle_of(index, slot->generation) == handle ? slot : NULL;
}

PyObject *
proxy_peek(uint32_t handle)
{
    const struct proxy_slot *slot = find_slot(handle);
    return slot != NULL ? slot->object : NULL;
}

PyObject *
proxy_object(uint32_t handle)
{
    PyObject *object = proxy_peek(handle);
    if (object == NULL) {
        PyErr_SetString(PyExc_RuntimeError,
                        "JavaScript names a Python object that is gone: "
                        "what made it was undone");
        return NULL;
    }
    return Py_NewRef(object);
}

static void
release_slot(struct proxy_slot *slot)
{
    struct proxy_state *state = proxy_state();
    PyObject *object = slot->object;
    slot->object = NULL;
    slot->generation++;
    state->live_count--;
    add_free(state, (uint32_t)(slot - state->slots));
    /* Its finaliser may make new handles, and the table move. */
    Py_DECREF(object);
}

void
proxy_release(const uint32_t *handles, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct proxy_slot *slot = find_slot(handles[i]);
        if (slot != NULL && slot->object != NULL) {
            release_slot(slot);
        }
    }
}

void
proxy_release_all(void)
{
    const struct proxy_state *state = proxy_state();
    for (uint32_t index = 1; index < state->slot_count; index++) {
        if (state->slots[index].object != NULL) {
            release_slot(&state->slots[index]);
        }
    }
}

void
proxy_renew(uint32_t first_index)
{
    struct proxy_state *state = proxy_state();
    while (state->slot_count <= first_index && grow(state) == 0) {
        continue;
    }
    PyErr_Clear();
    state->free_slot = 0;
    for (uint32_t index = state->slot_count; index > 1; index--) {
        uint32_t last = index - 1;
        if (last >= first_index && state->slots[last].object == NULL) {
            add_free(state, last);
        }
    }
}
