/* bridge/app/owner.c
 *
 * From an opened store to a process that takes work.
 */
#include "app/owner.h"

#include "base/cleanup.h"
#include "refollow/batch_wish.h"

/* Readers beside the writer: pages and commands ask at the same time, and two cores are the least that is promised. */
#define READER_LANES 4

CLEANUP_POINTER(struct db, db_close)

static int load_numbers(struct op *op)
{
    struct owner *owner = CONTAINER_OF(op, struct owner, op);
    CLEANUP(db_close_at) struct db *db = NULL;
    owner->numbers = numbers_new();
    if (!owner->numbers)
        return err_set(&op->err, E_NOMEM, "no memory for the numbers of X accounts");
    int rc = store_connect(owner->store, DB_READER, &db, &op->err);
    if (rc == 0)
        rc = db_begin(db, &op->err);
    if (rc == 0)
        rc = numbers_load(owner->numbers, db, store_keys(owner->store), &op->err);
    return rc;
}

static void close_lanes(void *context)
{
    struct owner *owner = context;
    loop_set_lanes(owner->loop, NULL);
    lanes_close(owner->lanes);
    owner->lanes = NULL;
}

static int open_lanes(struct op *op)
{
    struct owner *owner = CONTAINER_OF(op, struct owner, op);
    owner->listener = numbers_listener(owner->numbers);
    store_listen(owner->store, &owner->listener);
    owner->lanes = lanes_new(owner->loop, &store_lane_functions, owner->store, READER_LANES, &op->err);
    if (!owner->lanes)
        return op->err.code;
    loop_set_lanes(owner->loop, owner->lanes);
    if (loop_on_quiet(owner->loop, close_lanes, owner) == 0)
        return OP_NEXT;
    close_lanes(owner);
    return err_set(&op->err, E_NOMEM, "no memory to start");
}

/* Passwords were in the memory of the process before this one. */
static int pause_batches(struct op *op)
{
    struct owner *owner = CONTAINER_OF(op, struct owner, op);
    int64_t n;
    return batch_pause_at_start(op->lane, clock_wall(store_clock(owner->store)), &n, &op->err);
}

static int join(struct op *op)
{
    struct owner *owner = CONTAINER_OF(op, struct owner, op);
    owner->networks[0] = outward_network(owner->outward, TEXT("bluesky"));
    owner->control = control_new(owner->loop,
                                 &(struct control_options){.folder = text_of(store_folder(owner->store)),
                                                           .store = owner->store,
                                                           .numbers = owner->numbers,
                                                           .identity = owner->outward->identity,
                                                           .fetch = owner->outward->fetch,
                                                           .networks = owner->networks,
                                                           .n_networks = ARRAY_LEN(owner->networks)},
                                 &op->err);
    return owner->control ? OP_DONE : op->err.code;
}

static void finish(struct op *op)
{
    struct owner *owner = CONTAINER_OF(op, struct owner, op);
    owner->ready(owner->context, op->err.code, &op->err);
    op_release(op);
}

static const struct op_step owner_steps[] = {
    STEP(load_numbers, ON_CPU),
    STEP(open_lanes, ON_LOOP),
    STEP(pause_batches, ON_WRITE), /* nobody is signed in */
    STEP(join, ON_LOOP),           /* work is taken from here on */
    STEP_END,
};

void owner_start(struct owner *owner, struct loop *loop, struct outward *outward, struct store *store)
{
    owner->loop = loop;
    owner->outward = outward;
    owner->store = store;
    owner->op.steps = owner_steps;
    owner->op.finish = finish;
    op_start(&owner->op, loop);
}

void owner_release(struct owner *owner)
{
    control_free(owner->control);
    if (owner->numbers)
        numbers_free(owner->numbers);
    store_close(owner->store);
}
