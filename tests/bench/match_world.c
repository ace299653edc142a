/* tests/bench/match_world.c
 *
 * How well matching does in made-up worlds, side by side with the baseline, pooled over seeds.
 *
 *     match_world [--pairs FILE] [--half 0|1|2] [--seeds N] [--seed FIRST] [--wrong] [--missed] [--dump FILE]
 *
 * --half takes the pairs whose X handle hashes to that half: weights were fitted on 0, figures are given for 1.
 * --wrong lists wrong decisions, --missed movers who were within reach and not shown; --dump writes each candidate's comparison for fitting.
 */
#include "match_world.h"
#include "base/cleanup.h"
#include "linkage/decide.h"
#include "linkage/weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEEDS_DEFAULT 10
#define SEED_FIRST    20261122

struct tally {
    size_t movers, ceiling, reachable;
    size_t likely, likely_right, wrong_stayer, wrong_mover;
    size_t found;  /* true profile among pair and others */
    size_t review; /* possible pairs and others shown */
    size_t baseline, baseline_right;
    size_t people;
    struct world_requests requests, baseline_requests;
    size_t wrong_role[N_ROLES];
    size_t kind_movers[N_PERSON_KINDS], kind_right[N_PERSON_KINDS], kind_likely[N_PERSON_KINDS],
        kind_found[N_PERSON_KINDS];
    bool *pair_seen; /* rows with a likely decision */
};

static const char *const given_words[N_GIVEN] = {"handles only", "handles and names", "names, bios, websites"};
static const char *const kind_words[N_PERSON_KINDS] = {"person", "organisation", "pseudonym"};
static const char *const role_words[N_ROLES] = {"true of another", "squatter", "impersonator", "namesake",
                                                "parody",          "fan",      "stranger"};

struct options {
    const char *pairs;
    int half;
    size_t seeds;
    uint64_t seed;
    bool wrong;
    bool missed;
    FILE *dump;
};

/* --- fitting ------------------------------------------------------------------------------------------------------- */

struct dump {
    FILE *file;
    const struct world *world;
    enum given given;
};

static void dump_candidate(void *context, const struct world_person *person, const struct x_keys *x,
                           const struct profile_keys *profile, bool is_true)
{
    const struct dump *dump = context;
    struct comparison c;
    struct compare_context compare_context = {.now_ms = dump->world->now_ms};
    compare(&compare_context, x, profile, &c);
    fprintf(dump->file, "%d\t%llu:%.*s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%.1f\t%.1f\t%d\t%d\t%d\t%.*s\n",
            (int)dump->given, (unsigned long long)dump->world->seed, TEXT_ARG(person->x.handle), is_true, (int)c.handle,
            (int)c.name, (int)c.names_x, (int)c.named_by_x, (int)c.website, (int)c.verification, (int)c.standing,
            c.handle_bits, c.name_bits, c.name_in_handle, profile->profile->detailed,
            (int)world_profile_by_id(dump->world, profile->profile->id)->role, TEXT_ARG(profile->profile->handle));
}

/* --- counting ------------------------------------------------------------------------------------------------------ */

static void show_wrong(const struct world *world, const struct world_person *person, const struct match *match)
{
    CLEANUP(buf_release) struct buf why;
    buf_init(&why, 1024);
    const struct world_profile *profile = world_profile_by_id(world, match->best.profile->id);
    if (linkage_explain(&match->best, &why) < 0)
        return;
    printf("    wrong: @%.*s \"%.*s\" -> %.*s \"%.*s\" (%s) p %.4f: %s\n", TEXT_ARG(person->x.handle),
           TEXT_ARG(person->x.name), TEXT_ARG(profile->profile.handle), TEXT_ARG(profile->profile.name),
           role_words[profile->role], match->best.p, buf_string(&why));
}

static void count_likely(const struct world *world, const struct world_person *person, const struct match *match,
                         bool right, struct tally *tally)
{
    tally->likely++;
    tally->kind_likely[person->kind]++;
    if (right) {
        tally->likely_right++;
        tally->kind_right[person->kind]++;
        if (person->pair != SIZE_MAX)
            tally->pair_seen[person->pair] = true;
        return;
    }
    if (text_empty(person->true_id))
        tally->wrong_stayer++;
    else
        tally->wrong_mover++;
    tally->wrong_role[world_profile_by_id(world, match->best.profile->id)->role]++;
}

static bool is_profile(const struct pair *pair, struct text id)
{
    return pair->profile && !text_empty(id) && text_equal(pair->profile->id, id);
}

static void count_match(const struct world *world, size_t i, enum given given, const struct match *match, bool show,
                        struct tally *tally)
{
    const struct world_person *person = &world->people[i];
    bool right = is_profile(&match->best, person->true_id);
    bool found = right;
    for (size_t k = 0; k < match->n_others; k++)
        found = found || is_profile(&match->others[k], person->true_id);
    tally->people++;
    tally->review += match->n_others + (match->best.state == PAIR_POSSIBLE);
    if (!text_empty(person->true_id)) {
        tally->movers++;
        tally->kind_movers[person->kind]++;
        tally->found += found;
        tally->kind_found[person->kind] += found;
        tally->ceiling += world_shows_two_kinds(world, person, given);
        tally->reachable += world_reachable(world, person, given);
    }
    if (match->best.state != PAIR_LIKELY)
        return;
    count_likely(world, person, match, right, tally);
    if (show && !right)
        show_wrong(world, person, match);
}

/* Why a mover whose true profile was within reach is not among pair and others. */
static void show_missed(const struct world *world, size_t i, enum given given, struct world_run *run)
{
    const struct world_person *person = &world->people[i];
    const struct world_profile *profile = world_profile_by_id(world, person->true_id);
    const struct match *match = &run->matches[i];
    struct pair pair;
    bool shown = is_profile(&match->best, person->true_id);
    for (size_t k = 0; k < match->n_others; k++)
        shown = shown || is_profile(&match->others[k], person->true_id);
    if (!profile || shown || !world_reachable(world, person, given))
        return;
    printf("    missed: @%.*s \"%.*s\", %.*s \"%.*s\": ", TEXT_ARG(run->given[i].handle), TEXT_ARG(run->given[i].name),
           TEXT_ARG(profile->profile.handle), TEXT_ARG(profile->profile.name));
    if (linkage_score(run->linkage, i, person->true_id, &pair) < 0) {
        printf("never seen\n");
        return;
    }
    printf("p %.4f alone (%s %.1f, ...)", pair.p, pair.evidence[0].level, pair.evidence[0].weight);
    if (match->best.profile)
        printf("; shown instead: %.*s p %.3f", TEXT_ARG(match->best.profile->handle), match->best.p);
    printf("\n");
}

static void run_world(const struct world *world, enum given given, const struct options *options, struct tally *tally)
{
    CLEANUP(arena_release) struct arena scratch;
    struct world_run run;
    struct world_requests requests;
    struct dump dump = {.file = options->dump, .world = world, .given = given};
    struct world_watch watch = {.candidate = dump_candidate, .context = &dump};
    CLEANUP_FREE struct text *ids = calloc(world->n_people, sizeof *ids);
    arena_init(&scratch, (size_t)1 << 28);
    if (!ids)
        abort();
    world_run_skein(world, given, options->dump ? &watch : NULL, &run);
    for (size_t i = 0; i < world->n_people; i++)
        count_match(world, i, given, &run.matches[i], options->wrong, tally);
    for (size_t i = 0; i < world->n_people && options->missed; i++)
        show_missed(world, i, given, &run);
    tally->requests.profiles += run.requests.profiles;
    tally->requests.searches += run.requests.searches;
    world_run_baseline(world, given, &scratch, ids, &requests);
    for (size_t i = 0; i < world->n_people; i++) {
        tally->baseline += !text_empty(ids[i]);
        tally->baseline_right += !text_empty(ids[i]) && text_equal(ids[i], world->people[i].true_id);
    }
    tally->baseline_requests.searches += requests.searches;
    world_run_release(&run);
}

/* --- the report ---------------------------------------------------------------------------------------------------- */

static double share(size_t part, size_t whole)
{
    return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

static void report(enum given given, const struct tally *t, size_t n_pairs)
{
    size_t wrong = t->likely - t->likely_right;
    size_t distinct = 0;
    for (size_t i = 0; i < n_pairs; i++)
        distinct += t->pair_seen[i];
    printf("\n%s: %zu people, %zu movers\n", given_words[given], t->people, t->movers);
    printf(
        "  likely             %5zu decisions, %zu wrong (%.2f %%): %zu who did not move, %zu movers; %zu real pairs\n",
        t->likely, wrong, share(wrong, t->likely), t->wrong_stayer, t->wrong_mover, distinct);
    for (size_t i = 0; i < N_ROLES; i++)
        if (t->wrong_role[i] > 0)
            printf("                     of the wrong, %zu: %s\n", t->wrong_role[i], role_words[i]);
    printf("  likely recall      %5.1f %%   (ceiling by the rule of two kinds %.1f %%)\n",
           share(t->likely_right, t->movers), share(t->ceiling, t->movers));
    printf("  pair or others     %5.1f %%   (asking without any limit %.1f %%); %.2f to review for each account\n",
           share(t->found, t->movers), share(t->reachable, t->movers), (double)t->review / (double)t->people);
    for (size_t i = 0; i < N_PERSON_KINDS; i++)
        printf("    %-16s %5zu movers: likely %.1f %%, pair or others %.1f %%%s\n", kind_words[i], t->kind_movers[i],
               share(t->kind_right[i], t->kind_movers[i]), share(t->kind_found[i], t->kind_movers[i]),
               t->kind_movers[i] < 100 ? " (too few for a claim)" : "");
    printf("  requests for 1,000 %5.0f getProfiles, %.0f searches\n",
           1000.0 * (double)t->requests.profiles / (double)t->people,
           1000.0 * (double)t->requests.searches / (double)t->people);
    printf("  baseline           precision %.3f, recall %.3f, %.0f searches for 1,000\n",
           t->baseline > 0 ? (double)t->baseline_right / (double)t->baseline : 0.0,
           (double)t->baseline_right / (double)t->movers,
           1000.0 * (double)t->baseline_requests.searches / (double)t->people);
}

static int usage(void)
{
    fprintf(stderr, "usage: match_world [--pairs FILE] [--half 0|1|2] [--seeds N] [--seed FIRST] [--wrong] "
                    "[--missed] [--dump FILE]\n");
    return 2;
}

static bool read_options(int argc, char **argv, struct options *options)
{
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        uint64_t number = 0;
        bool is_number = value && text_to_u64(text_of(value), &number);
        if (strcmp(argv[i], "--wrong") == 0 || strcmp(argv[i], "--missed") == 0) {
            *(argv[i][2] == 'w' ? &options->wrong : &options->missed) = true;
            continue;
        }
        if (!value)
            return false;
        i++;
        if (strcmp(argv[i - 1], "--pairs") == 0)
            options->pairs = value;
        else if (strcmp(argv[i - 1], "--half") == 0 && is_number && number <= 2)
            options->half = (int)number;
        else if (strcmp(argv[i - 1], "--seeds") == 0 && is_number && number > 0)
            options->seeds = (size_t)number;
        else if (strcmp(argv[i - 1], "--seed") == 0 && is_number)
            options->seed = number;
        else if (strcmp(argv[i - 1], "--dump") == 0)
            options->dump = fopen(value, "we");
        else
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    CLEANUP(arena_release) struct arena arena;
    struct options options = {
        .pairs = "../shared/truth/pairs.tsv", .half = 2, .seeds = SEEDS_DEFAULT, .seed = SEED_FIRST};
    struct real_pair *pairs;
    arena_init(&arena, (size_t)1 << 28);
    if (!read_options(argc, argv, &options))
        return usage();
    size_t n_pairs = pairs_read(options.pairs, &arena, &pairs);
    n_pairs = pairs_half(pairs, n_pairs, options.half);
    if (n_pairs > 0)
        printf("match_world: %zu real pairs (half %d)", n_pairs, options.half);
    else
        printf("match_world: made-up pairs, since there is no %s", options.pairs);
    printf(", seeds %llu to %llu, weights %s\n", (unsigned long long)options.seed,
           (unsigned long long)(options.seed + options.seeds - 1), weights_version);
    struct tally tallies[N_GIVEN] = {0};
    for (size_t g = 0; g < N_GIVEN; g++)
        if (!(tallies[g].pair_seen = ARENA_ARRAY(&arena, bool, n_pairs + 1)))
            abort();
    for (size_t s = 0; s < options.seeds; s++) {
        struct world world;
        world_build(&world, options.seed + s, pairs, n_pairs);
        for (enum given given = 0; given < N_GIVEN; given++)
            run_world(&world, given, &options, &tallies[given]);
        world_release(&world);
    }
    for (enum given given = 0; given < N_GIVEN; given++)
        report(given, &tallies[given], n_pairs);
    if (options.dump)
        fclose(options.dump);
    return 0;
}
