/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs random schedules in child processes, since what goes wrong aborts; the one that failed is made as short as it can
 * be and still fail, and printed with the transcript of its run.
 *
 *   test-model [--runs N] [--jobs N] [--seed FIRST]     environment: MODEL_RUNS, MODEL_SEED
 *   test-model --only SEED [--keep 0,3,4]               that one alone, with those happenings of it
 */
#include "model.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <fcntl.h>

#define MAX_JOBS 16
#define MAX_FAILURES 20
#define PATIENCE 120 /* seconds of one run: more is a loop */

static gint runs = 600, jobs = 2;
static gint64 first = 1, only = -1;
static char *keep;

static const GOptionEntry entries[] = {
  { "runs", 0, 0, G_OPTION_ARG_INT, &runs, "How many schedules", "N" },
  { "jobs", 0, 0, G_OPTION_ARG_INT, &jobs, "At a time", "N" },
  { "seed", 0, 0, G_OPTION_ARG_INT64, &first, "The first seed", "SEED" },
  { "only", 0, 0, G_OPTION_ARG_INT64, &only, "That seed alone, with a transcript", "SEED" },
  { "keep", 0, 0, G_OPTION_ARG_STRING, &keep, "With --only: these happenings of it", "LIST" },
  { NULL, 0, 0, 0, NULL, NULL, NULL },
};

/* TRUE: it holds. In a process of its own. */
static gboolean
try (guint64 seed, const Happening *happenings, guint n, gboolean loud)
{
  int status;
  pid_t pid = fork ();

  g_assert (pid >= 0);
  if (pid == 0)
    {
      if (!loud)
        {
          int null = open ("/dev/null", O_WRONLY);

          dup2 (null, 1);
          dup2 (null, 2);
        }
      alarm (PATIENCE);
      model_run (seed, happenings, n, loud);
      exit (0);
    }
  g_assert (waitpid (pid, &status, 0) == pid);
  return WIFEXITED (status) && WEXITSTATUS (status) == 0;
}

/* Leaves out whatever is not needed for the failure. */
static guint
shrink (guint64 seed, Happening *happenings, guint n)
{
  gboolean shorter = TRUE;

  while (shorter)
    {
      shorter = FALSE;
      for (guint size = MAX (n / 2, 1); size >= 1; size /= 2)
        for (guint at = 0; at + size <= n;)
          {
            Happening fewer[MAX_HAPPENINGS];

            memcpy (fewer, happenings, at * sizeof *fewer);
            memcpy (fewer + at, happenings + at + size, (n - at - size) * sizeof *fewer);
            /* time goes on as it did */
            if (at + size < n)
              for (guint i = 0; i < size; i++)
                fewer[at].after += happenings[at + i].after;
            if (try (seed, fewer, n - size, FALSE))
              {
                at += size;
                continue;
              }
            n -= size;
            memcpy (happenings, fewer, n * sizeof *fewer);
            shorter = TRUE;
          }
    }
  return n;
}

static void
print (guint64 seed, const Happening *happenings, guint n)
{
  g_printerr ("seed %" G_GUINT64_FORMAT ", %u happenings:\n", seed, n);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = model_to_string (&happenings[i]);

      g_printerr ("  %s\n", text);
    }
}

static void
explain (guint64 seed)
{
  Happening happenings[MAX_HAPPENINGS];
  guint n = shrink (seed, happenings, model_random (seed, happenings));

  if (try (seed, happenings, n, TRUE))
    g_printerr ("it does not fail again\n");
  print (seed, happenings, n);
}

static void
work (guint64 seed, volatile guint64 *current)
{
  for (; seed < (guint64) first + (guint64) runs; seed += (guint64) jobs)
    {
      Happening happenings[MAX_HAPPENINGS];

      *current = seed;
      alarm (PATIENCE);
      model_run (seed, happenings, model_random (seed, happenings), FALSE);
    }
  exit (0);
}

static pid_t
start_work (guint64 seed, volatile guint64 *current)
{
  pid_t pid = fork ();

  g_assert (pid >= 0);
  if (pid == 0)
    work (seed, current);
  return pid;
}

/* Returns how many have failed so far: each is named, the first is explained, and enough is enough. */
static guint
await_work (pid_t pid, volatile guint64 *current, guint failed)
{
  int status;

  for (;;)
    {
      g_assert (waitpid (pid, &status, 0) == pid);
      if (WIFEXITED (status) && WEXITSTATUS (status) == 0)
        return failed;
      g_printerr ("seed %" G_GUINT64_FORMAT " failed\n", *current);
      if (!failed++)
        explain (*current);
      if (failed >= MAX_FAILURES)
        return failed;
      pid = start_work (*current + (guint64) jobs, current);
    }
}

static int
run_only (void)
{
  Happening all[MAX_HAPPENINGS], some[MAX_HAPPENINGS];
  guint n = model_random ((guint64) only, all), n_some = 0;
  g_auto (GStrv) list = keep ? g_strsplit (keep, ",", -1) : NULL;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *index = g_strdup_printf ("%u", i);

      if (!list || g_strv_contains ((const char *const *) list, index))
        some[n_some++] = all[i];
      else if (i + 1 < n)
        all[i + 1].after += all[i].after;
    }
  print ((guint64) only, some, n_some);
  return try ((guint64) only, some, n_some, TRUE) ? 0 : 1;
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  guint64 *current = mmap (NULL, MAX_JOBS * sizeof *current, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pid_t pids[MAX_JOBS];
  guint failed = 0;

  g_assert (current != MAP_FAILED);
  if (g_getenv ("MODEL_RUNS"))
    runs = atoi (g_getenv ("MODEL_RUNS"));
  if (g_getenv ("MODEL_SEED"))
    first = g_ascii_strtoll (g_getenv ("MODEL_SEED"), NULL, 10);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, NULL) || runs < 1 || jobs < 1 || jobs > MAX_JOBS)
    return 2;
  if (only >= 0)
    return run_only ();
  for (gint i = 0; i < jobs; i++)
    pids[i] = start_work ((guint64) first + (guint64) i, &current[i]);
  for (gint i = 0; i < jobs; i++)
    failed = await_work (pids[i], &current[i], failed);
  g_print ("%d schedules from seed %" G_GINT64_FORMAT ": %s\n", runs, first, failed ? "FAILED" : "all hold");
  return failed ? 1 : 0;
}
