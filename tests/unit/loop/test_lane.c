/* tests/unit/loop/test_lane.c
 *
 * Lanes over a journal: group commit, each step under a savepoint of its own, groups that fail and groups run again.
 */
#include "walk.h"

#include "base/limits.h"

/* One writing operation: its step writes `word` into the journal and returns what it is told to. */
struct entry {
    struct op op;
    const char *word;
    int result;     /* of the step; OP_AGAIN only the first time */
    int runs;       /* of the step */
    uv_sem_t *gate; /* the step waits here, where it is set */
    unsigned sleeps_ms;
    uv_thread_t thread;
    struct err err; /* as finish found it */
    int *finished;  /* borrowed; counts in the order of finishing */
    int place;
    bool went_on;
};

static int write_entry(struct op *op)
{
    struct entry *entry = CONTAINER_OF(op, struct entry, op);
    struct journal_lane *lane = op->lane;
    entry->thread = uv_thread_self();
    if (entry->gate)
        uv_sem_wait(entry->gate);
    if (entry->sleeps_ms)
        uv_sleep(entry->sleeps_ms);
    if (op->err.code)
        abort(); /* a run finds no sentence of the run before it */
    entry->runs++;
    journal_write(lane->journal, entry->word);
    if (entry->result == OP_AGAIN && entry->runs > 1)
        return OP_NEXT;
    return entry->result < 0 ? err_set(&op->err, entry->result, "%s is no entry", entry->word) : entry->result;
}

static int entry_answer(struct op *op)
{
    struct entry *entry = CONTAINER_OF(op, struct entry, op);
    entry->went_on = true;
    return op->lane ? err_set(&op->err, E_BUG, "a lane on the loop") : OP_NEXT;
}

static void entry_finish(struct op *op)
{
    struct entry *entry = CONTAINER_OF(op, struct entry, op);
    entry->err = op->err;
    entry->place = ++*entry->finished;
    op_release(op);
}

static const struct op_step entry_steps[] = {STEP(write_entry, ON_WRITE), STEP(entry_answer, ON_LOOP), STEP_END};

#define MOST_ENTRIES 600

/* Operations that all wait for the writer while it stands in the first one's step. */
struct pile {
    struct bench bench;
    struct entry entries[MOST_ENTRIES];
    unsigned n;
    int finished;
    uv_sem_t gate;
    uv_idle_t idle;
};

static struct entry *pile_add(struct pile *pile, const char *word, int result)
{
    struct entry *entry = &pile->entries[pile->n++];
    *entry = (struct entry){.op = {.steps = entry_steps, .finish = entry_finish},
                            .word = word,
                            .result = result,
                            .finished = &pile->finished};
    return entry;
}

static void pile_open(struct pile *pile)
{
    bench_open(&pile->bench, 1);
    pile->n = 0;
    pile->finished = 0;
    uv_sem_init(&pile->gate, 0);
    pile_add(pile, "first", OP_NEXT)->gate = &pile->gate;
}

/* When all but the first wait in the queue, the first may go on. */
static void on_pile(uv_idle_t *idle)
{
    struct pile *pile = idle->data;
    struct lane_counts counts;
    lanes_counts(pile->bench.lanes, &counts);
    if (counts.waiting + 1 < pile->n) {
        uv_sleep(1);
        return;
    }
    uv_sem_post(&pile->gate);
    uv_close((uv_handle_t *)idle, on_closed);
}

static void on_first_taken(uv_idle_t *idle)
{
    struct pile *pile = idle->data;
    struct lane_counts counts;
    lanes_counts(pile->bench.lanes, &counts);
    if (counts.waiting > 0)
        return;
    for (unsigned i = 1; i < pile->n; i++)
        op_start(&pile->entries[i].op, pile->bench.loop);
    uv_idle_stop(idle);
    uv_idle_start(idle, on_pile);
}

static void pile_run(struct pile *pile)
{
    op_start_now(&pile->entries[0].op, pile->bench.loop);
    uv_idle_init(loop_uv(pile->bench.loop), &pile->idle);
    pile->idle.data = pile;
    uv_idle_start(&pile->idle, on_first_taken);
    assert_int_equal(loop_run(pile->bench.loop), 0);
    assert_int_equal(pile->finished, pile->n);
}

static void pile_close(struct pile *pile)
{
    uv_sem_destroy(&pile->gate);
    bench_close(&pile->bench);
}

#define FIRST_GROUP "begin ( first ) commit published "

static struct pile pile;

static void steps_that_wait_share_one_commit(void **state)
{
    (void)state;
    struct lane_counts counts;
    pile_open(&pile);
    pile_add(&pile, "b", OP_NEXT);
    pile_add(&pile, "c", OP_DONE);
    pile_add(&pile, "d", OP_NEXT);
    pile_run(&pile);
    assert_string_equal(buf_string(&pile.bench.journal.lines), FIRST_GROUP "begin ( b ) ( c ) ( d ) commit published ");
    lanes_counts(pile.bench.lanes, &counts);
    assert_int_equal(counts.groups, 2);
    assert_int_equal(counts.writes, 4);
    for (unsigned i = 0; i < pile.n; i++) {
        assert_int_equal(pile.entries[i].err.code, 0);
        assert_int_equal(pile.entries[i].place, i + 1);
        assert_true(uv_thread_equal(&pile.entries[i].thread, &pile.entries[0].thread));
    }
    assert_true(pile.entries[1].went_on);
    assert_false(pile.entries[2].went_on);
    pile_close(&pile);
}

static void a_step_that_fails_takes_back_its_own_writes_alone(void **state)
{
    (void)state;
    pile_open(&pile);
    pile_add(&pile, "b", OP_NEXT);
    pile_add(&pile, "bad", E_BAD_INPUT);
    pile_add(&pile, "d", OP_NEXT);
    pile_run(&pile);
    assert_string_equal(buf_string(&pile.bench.journal.lines),
                        FIRST_GROUP "begin ( b ) ( bad undo) ( d ) commit published ");
    assert_int_equal(pile.entries[1].err.code, 0);
    assert_int_equal(pile.entries[2].err.code, E_BAD_INPUT);
    assert_string_equal(pile.entries[2].err.text, "bad is no entry");
    assert_false(pile.entries[2].went_on);
    assert_int_equal(pile.entries[3].err.code, 0);
    pile_close(&pile);
}

static void a_step_that_breaks_the_rules_is_taken_back_too(void **state)
{
    (void)state;
    pile_open(&pile);
    pile_add(&pile, "waits", OP_WAIT);
    pile_add(&pile, "d", OP_NEXT);
    pile_run(&pile);
    assert_string_equal(buf_string(&pile.bench.journal.lines),
                        FIRST_GROUP "begin ( waits undo) ( d ) commit published ");
    assert_int_equal(pile.entries[1].err.code, E_BUG);
    assert_int_equal(pile.entries[2].err.code, 0);
    pile_close(&pile);
}

static int fail_the_next_commit(struct op *op)
{
    struct journal_lane *lane = op->lane;
    lane->journal->commit_fails = 1;
    return write_entry(op);
}

static void a_commit_that_fails_is_told_to_the_whole_group(void **state)
{
    (void)state;
    static const struct op_step last[] = {STEP(fail_the_next_commit, ON_WRITE), STEP(entry_answer, ON_LOOP), STEP_END};
    pile_open(&pile);
    pile_add(&pile, "b", OP_NEXT);
    pile_add(&pile, "bad", E_BAD_INPUT);
    pile_add(&pile, "d", OP_DONE)->op.steps = last;
    pile_run(&pile);
    assert_string_equal(buf_string(&pile.bench.journal.lines), FIRST_GROUP "begin ( b ) ( bad undo) ( d ) rollback ");
    assert_int_equal(pile.entries[0].err.code, 0);
    assert_int_equal(pile.entries[1].err.code, E_IO);
    assert_string_equal(pile.entries[1].err.text, "the disk is full");
    assert_false(pile.entries[1].went_on);
    assert_int_equal(pile.entries[2].err.code, E_BAD_INPUT); /* it failed alone before */
    assert_int_equal(pile.entries[3].err.code, E_IO);
    pile_close(&pile);
}

static void a_group_is_run_again_when_it_is_asked_to_be(void **state)
{
    (void)state;
    struct lane_counts counts;
    pile_open(&pile);
    pile_add(&pile, "b", OP_NEXT);
    pile_add(&pile, "bad", E_BAD_INPUT);
    pile_add(&pile, "spoilt", OP_AGAIN);
    pile_run(&pile);
    assert_string_equal(
        buf_string(&pile.bench.journal.lines),
        FIRST_GROUP "begin ( b ) ( bad undo) ( spoilt rollback begin ( b ) ( bad undo) ( spoilt ) commit published ");
    assert_int_equal(pile.entries[1].runs, 2);
    assert_int_equal(pile.entries[2].err.code, E_BAD_INPUT);
    assert_int_equal(pile.entries[3].err.code, 0);
    lanes_counts(pile.bench.lanes, &counts);
    assert_int_equal(counts.again, 1);
    pile_close(&pile);
}

static void a_commit_may_ask_for_it_too_but_not_for_ever(void **state)
{
    (void)state;
    pile_open(&pile);
    pile.bench.journal.commit_again = 1;
    uv_sem_post(&pile.gate);
    pile_run(&pile);
    assert_string_equal(buf_string(&pile.bench.journal.lines),
                        "begin ( first ) rollback begin ( first ) commit published ");
    assert_int_equal(pile.entries[0].err.code, 0);
    pile_close(&pile);

    pile_open(&pile);
    pile.bench.journal.commit_again = 1000;
    uv_sem_post(&pile.gate);
    uv_sem_post(&pile.gate);
    pile_run(&pile);
    assert_int_equal(pile.entries[0].runs, LIMIT_GROUP_TRIES);
    assert_int_equal(pile.entries[0].err.code, E_BUSY);
    pile_close(&pile);
}

static void a_transaction_that_cannot_begin_is_told_to_the_group(void **state)
{
    (void)state;
    pile_open(&pile);
    pile.bench.journal.begin_fails = 1;
    uv_sem_post(&pile.gate);
    op_start(&pile.entries[0].op, pile.bench.loop);
    assert_int_equal(loop_run(pile.bench.loop), 0);
    assert_int_equal(pile.entries[0].err.code, E_IO);
    assert_int_equal(pile.entries[0].runs, 0);
    assert_string_equal(buf_string(&pile.bench.journal.lines), "");

    pile.bench.journal.savepoint_fails = 1;
    op_start(&pile.entries[0].op, pile.bench.loop);
    assert_int_equal(loop_run(pile.bench.loop), 0);
    assert_int_equal(pile.entries[0].err.code, E_IO);
    assert_string_equal(buf_string(&pile.bench.journal.lines), "begin rollback ");
    pile_close(&pile);
}

static size_t times(struct text lines, struct text word)
{
    size_t n = 0;
    for (size_t at = text_find(lines, word, 0); at != TEXT_NOWHERE; at = text_find(lines, word, at + 1))
        n++;
    return n;
}

static void a_group_has_a_most_number_of_steps(void **state)
{
    (void)state;
    pile_open(&pile);
    while (pile.n < MOST_ENTRIES)
        pile_add(&pile, "x", OP_NEXT);
    pile_run(&pile);
    struct text lines = buf_text(&pile.bench.journal.lines);
    assert_int_equal(times(lines, TEXT("commit")), 1 + (MOST_ENTRIES - 1 + LIMIT_GROUP_STEPS - 1) / LIMIT_GROUP_STEPS);
    for (unsigned i = 0; i < pile.n; i++)
        assert_int_equal(pile.entries[i].place, i + 1);
    pile_close(&pile);
}

static void a_group_has_a_longest_time_and_the_rest_keep_their_order(void **state)
{
    (void)state;
    pile_open(&pile);
    pile_add(&pile, "slow", OP_NEXT)->sleeps_ms = LIMIT_GROUP_MS + 5;
    pile_add(&pile, "c", OP_NEXT);
    pile_add(&pile, "d", OP_NEXT);
    pile_run(&pile);
    assert_string_equal(buf_string(&pile.bench.journal.lines),
                        FIRST_GROUP "begin ( slow ) commit published begin ( c ) ( d ) commit published ");
    for (unsigned i = 0; i < pile.n; i++)
        assert_int_equal(pile.entries[i].place, i + 1);
    pile_close(&pile);
}

static int leave_out_in_the_first_run(struct op *op);
static int left_out(struct op *op)
{
    CONTAINER_OF(op, struct entry, op)->word = "second";
    return OP_NEXT;
}

static const struct op_step leaving_steps[] = {STEP(leave_out_in_the_first_run, ON_WRITE), STEP(left_out, ON_LOOP),
                                               STEP(entry_answer, ON_LOOP), STEP_END};

static int leave_out_in_the_first_run(struct op *op)
{
    int result = write_entry(op);
    return CONTAINER_OF(op, struct entry, op)->runs == 1 ? op_go_to(op, entry_answer) : result;
}

static void a_place_to_go_from_an_earlier_run_is_forgotten(void **state)
{
    (void)state;
    pile_open(&pile);
    pile.entries[0].op.steps = leaving_steps;
    pile.bench.journal.commit_again = 1;
    uv_sem_post(&pile.gate);
    pile_run(&pile);
    assert_int_equal(pile.entries[0].runs, 2);
    assert_string_equal(pile.entries[0].word, "second");
    pile_close(&pile);
}

/* --- readers ------------------------------------------------------------------------------------------------------- */

static uv_barrier_t all_reading;

static int read_together(struct op *op)
{
    uv_barrier_wait(&all_reading); /* passes only where three readers are inside at once */
    return note(op, "read_together", ON_READ);
}

static void readers_read_at_the_same_time(void **state)
{
    (void)state;
    static const struct op_step steps[] = {STEP(read_together, ON_READ), STEP_END};
    struct bench bench;
    struct walk walks[6];
    struct lane_counts counts;
    bench_open(&bench, 3);
    uv_barrier_init(&all_reading, 3);
    for (int i = 0; i < 6; i++) {
        walk_init(&walks[i], steps);
        walks[i].fails_at = i == 5 ? "read_together" : NULL;
        op_start(&walks[i].op, bench.loop);
    }
    assert_int_equal(loop_run(bench.loop), 0);
    for (int i = 0; i < 6; i++)
        assert_walk(&walks[i], i == 5 ? E_BAD_INPUT : 0, "read_together ");
    assert_int_equal(atomic_load(&bench.journal.read_begun), 6);
    assert_int_equal(atomic_load(&bench.journal.read_ended), 6);
    lanes_counts(bench.lanes, &counts);
    assert_int_equal(counts.reads, 6);
    assert_int_equal(counts.waiting, 0);
    uv_barrier_destroy(&all_reading);
    bench_close(&bench);
}

static void a_lane_that_cannot_be_opened_is_said_with_its_reason(void **state)
{
    (void)state;
    struct journal journal = {.open_fails = 1};
    struct err err = {0};
    struct loop *loop = loop_alone();
    buf_init(&journal.lines, 1 << 10);
    assert_null(lanes_new(loop, &journal_functions, &journal, 2, &err));
    assert_int_equal(err.code, E_NOT_FOUND);
    assert_string_equal(err.text, "no journal here");
    assert_int_equal(loop_run(loop), 0);
    assert_int_equal(atomic_load(&journal.open_lanes), 0);
    loop_end(loop);
    lanes_close(NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_that_wait_share_one_commit),
        cmocka_unit_test(a_step_that_fails_takes_back_its_own_writes_alone),
        cmocka_unit_test(a_step_that_breaks_the_rules_is_taken_back_too),
        cmocka_unit_test(a_commit_that_fails_is_told_to_the_whole_group),
        cmocka_unit_test(a_group_is_run_again_when_it_is_asked_to_be),
        cmocka_unit_test(a_commit_may_ask_for_it_too_but_not_for_ever),
        cmocka_unit_test(a_transaction_that_cannot_begin_is_told_to_the_group),
        cmocka_unit_test(a_group_has_a_most_number_of_steps),
        cmocka_unit_test(a_group_has_a_longest_time_and_the_rest_keep_their_order),
        cmocka_unit_test(a_place_to_go_from_an_earlier_run_is_forgotten),
        cmocka_unit_test(readers_read_at_the_same_time),
        cmocka_unit_test(a_lane_that_cannot_be_opened_is_said_with_its_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
