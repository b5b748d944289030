/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Secrets: erased before their memory is given back, counted, compared as a whole. Linked with --wrap=g_free. */
#include "base/secret.h"
#include "base/writer.h"
#include "secret-count.h"
#include "wire/message.h"

static const char *watched = "the quick brown fox"; /* what must not be found in freed memory */
static gconstpointer watched_block;
static gsize watched_offset;
static gboolean seen_freed, seen_clean;

void __real_g_free (gpointer block);
void __wrap_g_free (gpointer block);

void
__wrap_g_free (gpointer block)
{
  if (block && block == watched_block)
    {
      const guint8 *content = (const guint8 *) block + watched_offset;

      seen_freed = seen_clean = TRUE;
      for (gsize i = 0; i < strlen (watched); i++)
        seen_clean &= content[i] == 0;
    }
  __real_g_free (block);
}

static void
watch (gconstpointer block, gsize offset)
{
  watched_block = block;
  watched_offset = offset;
  seen_freed = seen_clean = FALSE;
}

static void
test_is_erased_when_freed (void)
{
  IkeSecret *secret = ike_secret_new_from (watched, strlen (watched));
  gsize offset = (gsize) (ike_secret_data (secret) - (guint8 *) secret);

  g_assert_cmpmem (ike_secret_data (secret), ike_secret_len (secret), watched, strlen (watched));
  watch (secret, offset);
  ike_secret_free (secret);
  g_assert_true (seen_freed && seen_clean);
  watch (NULL, 0);
}

static void
test_watcher_sees_what_is_not_erased (void)
{
  char *copy = g_strdup (watched);

  watch (copy, 0);
  g_free (copy);
  g_assert_true (seen_freed && !seen_clean);
  watch (NULL, 0);
}

static void
test_writer_erases_what_it_outgrows (void)
{
  g_auto (IkeWriter) w = IKE_WRITER (100000);

  ike_write_bytes (&w, watched, strlen (watched));
  watch (w.data, 0);
  ike_write_zero (&w, 1000); /* another block */
  g_assert_true (w.data != watched_block);
  g_assert_true (seen_freed && seen_clean);
  watch (w.data, 0);
  ike_writer_clear (&w);
  g_assert_true (seen_freed && seen_clean);
  watch (NULL, 0);
}

static void
test_what_was_written_is_erased (void)
{
  for (guint i = 0; i < 3; i++)
    {
      g_auto (IkeWriter) w = IKE_WRITER (100000);
      g_auto (IkeBuilder) builder = { 0 };
      const IkeHeader header = { .exchange = IKE_EXCHANGE_IKE_AUTH };
      GBytes *bytes, *other;
      gsize len;
      const char *data;

      if (i == 1)
        ike_builder_init_inner (&builder);
      else if (i == 2)
        ike_builder_init (&builder, &header);
      if (i == 0)
        ike_write_bytes (&w, watched, strlen (watched));
      else /* as the answer to EAP-GTC */
        ike_builder_add (&builder, IKE_PAYLOAD_EAP, ike_chunk (watched, strlen (watched)));
      bytes = i == 0 ? ike_writer_finish (&w) : ike_builder_finish (&builder);
      data = g_bytes_get_data (bytes, &len);
      g_assert_cmpmem (data + len - strlen (watched), strlen (watched), watched, strlen (watched));
      other = g_bytes_ref (bytes);
      watch (data, len - strlen (watched));
      g_bytes_unref (bytes);
      g_assert_true (!seen_freed);
      g_bytes_unref (other);
      g_assert_true (seen_freed && seen_clean);
      watch (NULL, 0);
    }
}

static void
test_new_is_zero (void)
{
  g_autoptr (IkeSecret) secret = ike_secret_new (64);
  g_autoptr (IkeSecret) empty = ike_secret_new (0);

  for (guint i = 0; i < 64; i++)
    g_assert_cmpuint (ike_secret_data (secret)[i], ==, 0);
  g_assert_cmpuint (ike_secret_len (empty), ==, 0);
  g_assert_null (ike_secret_data (NULL));
  g_assert_cmpuint (ike_secret_len (NULL), ==, 0);
  g_assert_cmpuint (ike_secret_chunk (NULL).len, ==, 0);
  ike_secret_free (NULL);
}

static void
test_slice_and_copy (void)
{
  g_autoptr (IkeSecret) whole = ike_secret_new_from ("abcdef", 6);
  g_autoptr (IkeSecret) first = ike_secret_slice (whole, 0, 2);
  g_autoptr (IkeSecret) last = ike_secret_slice (whole, 2, 4);
  g_autoptr (IkeSecret) none = ike_secret_slice (whole, 6, 0);
  g_autoptr (IkeSecret) copy = ike_secret_copy (whole);

  g_assert_cmpmem (ike_secret_data (first), ike_secret_len (first), "ab", 2);
  g_assert_cmpmem (ike_secret_data (last), ike_secret_len (last), "cdef", 4);
  g_assert_cmpuint (ike_secret_len (none), ==, 0);
  g_assert_true (ike_secret_equal (whole, copy));
  g_assert_true (ike_secret_data (whole) != ike_secret_data (copy));
  g_assert_null (ike_secret_copy (NULL));
}

static void
test_slice_beyond_the_end_asserts (void)
{
  if (g_test_subprocess ())
    {
      g_autoptr (IkeSecret) whole = ike_secret_new (4);
      g_autoptr (IkeSecret) part = ike_secret_slice (whole, 1, 4);

      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
}

static void
test_equal (void)
{
  g_autoptr (IkeSecret) a = ike_secret_new_from ("0123456789abcdef", 16);
  g_autoptr (IkeSecret) shorter = ike_secret_new_from ("0123456789abcde", 15);

  g_assert_true (ike_secret_equal (a, a));
  g_assert_true (ike_secret_equal (NULL, NULL));
  g_assert_false (ike_secret_equal (a, NULL));
  g_assert_false (ike_secret_equal (NULL, a));
  g_assert_false (ike_secret_equal (a, shorter));
  g_assert_false (ike_secret_equal (shorter, a));
  for (guint bit = 0; bit < 128; bit++)
    {
      g_autoptr (IkeSecret) b = ike_secret_copy (a);

      ike_secret_data (b)[bit / 8] ^= (guint8) (1 << bit % 8);
      g_assert_false (ike_secret_equal (a, b));
    }
  g_assert_true (ike_memequal ("x", "y", 0));
  g_assert_true (ike_memequal ("abc", "abd", 2));
  g_assert_false (ike_memequal ("abc", "abd", 3));
}

static void
test_are_counted (void)
{
  gint live = secret_count_live (), total = secret_count_total ();
  IkeSecret *a = ike_secret_new (1), *b = ike_secret_copy (a);

  g_assert_cmpint (secret_count_live (), ==, live + 2);
  ike_secret_free (NULL);
  g_assert_cmpint (secret_count_live (), ==, live + 2);
  ike_secret_free (a);
  ike_secret_free (b);
  {
    g_autoptr (IkeSecret) c = ike_secret_new (1);

    g_assert_cmpint (secret_count_live (), ==, live + 1);
  }
  g_assert_cmpint (secret_count_live (), ==, live);
  g_assert_cmpint (secret_count_total (), ==, total + 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/secret/is-erased-when-freed", test_is_erased_when_freed);
  g_test_add_func ("/base/secret/watcher-sees-what-is-not-erased", test_watcher_sees_what_is_not_erased);
  g_test_add_func ("/base/secret/writer-erases-what-it-outgrows", test_writer_erases_what_it_outgrows);
  g_test_add_func ("/base/secret/what-was-written-is-erased", test_what_was_written_is_erased);
  g_test_add_func ("/base/secret/new-is-zero", test_new_is_zero);
  g_test_add_func ("/base/secret/slice-and-copy", test_slice_and_copy);
  g_test_add_func ("/base/secret/slice-beyond-the-end-asserts", test_slice_beyond_the_end_asserts);
  g_test_add_func ("/base/secret/equal", test_equal);
  g_test_add_func ("/base/secret/are-counted", test_are_counted);
  return g_test_run ();
}
