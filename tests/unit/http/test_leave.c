/* tests/unit/http/test_leave.c
 *
 * Clients that leave: while an operation waits for them, while a worker works for them, in the middle of a head.
 */
#include "house.h"

static atomic_int steps_run;
static atomic_int times_cancelled;
static uv_sem_t gate;
static struct house house;

static int stand_at_the_gate(struct op *op)
{
    (void)op;
    atomic_fetch_add(&steps_run, 1);
    uv_sem_wait(&gate);
    return OP_NEXT;
}

static void on_cancelled(struct op *op)
{
    (void)op;
    atomic_fetch_add(&times_cancelled, 1);
}

static int wait_for_ever(struct op *op)
{
    atomic_fetch_add(&steps_run, 1);
    op_on_cancel(op, on_cancelled);
    return op_wait(op, 600000);
}

static int say_len(struct op *op)
{
    struct http_request *request = http_request_of(op);
    char words[32];
    snprintf(words, sizeof words, "%zu", request->body.len);
    return http_reply(request, 200, "text/plain", text_of(words));
}

static const struct op_step gate_steps[] = {STEP(stand_at_the_gate, ON_CPU), STEP(say_len, ON_LOOP), STEP_END};
static const struct op_step wait_steps[] = {STEP(wait_for_ever, ON_LOOP), STEP_END};
static const struct op_step len_steps[] = {STEP(say_len, ON_LOOP), STEP_END};

static const struct http_route routes[] = {
    {"GET", "/gate", gate_steps, HTTP_BODY_NONE, 0, 0},
    {"GET", "/wait", wait_steps, HTTP_BODY_NONE, 0, 0},
    {"POST", "/len", len_steps, HTTP_BODY_WHOLE, 1000, 0},
    {"GET", "/len", len_steps, HTTP_BODY_NONE, 0, 0},
};

/* The clock ticks at an eighth of the shortest time, and looks then whether the client is still there. */
static const struct http_options options = {.routes = routes, .n_routes = ARRAY_LEN(routes), .idle_ms = 200};

static int set_up(void **state)
{
    (void)state;
    atomic_store(&steps_run, 0);
    atomic_store(&times_cancelled, 0);
    uv_sem_init(&gate, 0);
    house_open(&house, &options);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    house_close(&house);
    uv_sem_destroy(&gate);
    return 0;
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"

static void wait_for(atomic_int *number, int value)
{
    for (int i = 0; i < HOUSE_PATIENCE_MS && atomic_load(number) != value; i++)
        uv_sleep(1);
    assert_int_equal(atomic_load(number), value);
}

static bool nobody(const struct http_counts *counts)
{
    return counts->connections == 0;
}

static void a_client_that_leaves_cancels_what_waits_for_it(void **state)
{
    (void)state;
    int fd = dial(&house);
    say(fd, GET("/wait"));
    wait_for(&steps_run, 1);
    close(fd);
    wait_for(&times_cancelled, 1);
    house_until(&house, nobody);
    assert_int_equal(house_counts(&house).by_class[0], 1);
}

/* The step goes on behind the client's back; its record must last until then. */
static void a_client_may_leave_while_a_worker_works(void **state)
{
    (void)state;
    int fd = dial(&house);
    say(fd, GET("/gate"));
    wait_for(&steps_run, 1);
    close(fd);
    house_until(&house, nobody);
    uv_sem_post(&gate);
}

static void a_client_may_reset_in_the_middle_of_anything(void **state)
{
    (void)state;
    static const char request[] = "POST /len HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabcde" GET("/len");
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    for (size_t len = 1; len <= sizeof request - 1; len++) {
        int fd = dial(&house);
        assert_true(try_say(fd, (struct text){request, len}));
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        close(fd);
    }
    house_until(&house, nobody);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_client_that_leaves_cancels_what_waits_for_it),
        TEST(a_client_may_leave_while_a_worker_works),
        TEST(a_client_may_reset_in_the_middle_of_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
