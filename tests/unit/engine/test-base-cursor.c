/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader and the writer: every edge of the buffer, and that failure sticks. */
#include "base/reader.h"
#include "base/writer.h"
#include "wire-test.h"

static const guint8 octets[] = { 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0xff };

static void
test_reader_reads_big_endian (void)
{
  IkeReader r = ike_reader (ike_chunk (octets, sizeof octets));

  g_assert_cmpuint (ike_reader_peek (&r), ==, 0x01);
  g_assert_cmpuint (ike_read_u8 (&r), ==, 0x01);
  g_assert_cmpuint (ike_read_u16 (&r), ==, 0x0203);
  g_assert_cmpuint (ike_read_u32 (&r), ==, 0x04050607);
  g_assert_cmpuint (ike_reader_left (&r), ==, 2);
  g_assert_cmpuint (ike_reader_offset (&r), ==, 7);
  g_assert_cmpuint (ike_read_u16 (&r), ==, 0x08ff);
  g_assert_true (ike_reader_done (&r));
  g_assert_cmpuint (ike_reader_peek (&r), ==, 0);

  r = ike_reader (ike_chunk (octets, 8));
  g_assert_cmpuint (ike_read_u64 (&r), ==, G_GUINT64_CONSTANT (0x0102030405060708));
  g_assert_true (ike_reader_done (&r));
}

static void
test_reader_fails_one_short_of_each_width (void)
{
  for (gsize width = 1; width <= 8; width *= 2)
    {
      g_autofree guint8 *copy = exact_copy (ike_chunk (octets, sizeof octets), width - 1);
      IkeReader r = ike_reader (ike_chunk (copy, width - 1));
      guint64 value = width == 1   ? ike_read_u8 (&r)
                      : width == 2 ? ike_read_u16 (&r)
                      : width == 4 ? ike_read_u32 (&r)
                                   : ike_read_u64 (&r);

      g_assert_cmpuint (value, ==, 0);
      g_assert_false (ike_reader_ok (&r));
      g_assert_false (ike_reader_done (&r));
    }
}

static void
test_reader_failure_sticks (void)
{
  IkeReader r = ike_reader (ike_chunk (octets, 3)), sub;
  guint8 out[2] = { 9, 9 };

  g_assert_cmpuint (ike_read_u32 (&r), ==, 0);
  g_assert_cmpuint (ike_read_u8 (&r), ==, 0); /* there would be an octet */
  g_assert_cmpuint (ike_reader_left (&r), ==, 0);
  g_assert_cmpuint (ike_reader_peek (&r), ==, 0);
  g_assert_null (ike_read_chunk (&r, 1).data);
  g_assert_cmpuint (ike_read_rest (&r).len, ==, 0);
  g_assert_cmpuint (ike_read_chunk (&r, 0).len, ==, 0);
  ike_read_bytes (&r, out, 2);
  g_assert_true (out[0] == 0 && out[1] == 0);
  sub = ike_read_sub (&r, 0);
  g_assert_false (ike_reader_ok (&sub));
  g_assert_false (ike_reader_ok (&r));
}

static void
test_reader_sub_is_confined (void)
{
  IkeReader r = ike_reader (ike_chunk (octets, 4)), sub = ike_read_sub (&r, 2);

  g_assert_cmpuint (ike_read_u16 (&sub), ==, 0x0102);
  g_assert_true (ike_reader_done (&sub));
  ike_read_u8 (&sub);
  g_assert_false (ike_reader_ok (&sub));
  g_assert_true (ike_reader_ok (&r)); /* its own failure is its own */
  g_assert_cmpuint (ike_read_u16 (&r), ==, 0x0304);

  r = ike_reader (ike_chunk (octets, 4));
  sub = ike_read_sub (&r, 5);
  g_assert_false (ike_reader_ok (&sub));
  g_assert_false (ike_reader_ok (&r));

  r = ike_reader (ike_chunk (octets, 4));
  ike_read_u8 (&r);
  ike_read_skip (&r, G_MAXSIZE); /* no wrap */
  g_assert_false (ike_reader_ok (&r));
}

static void
test_reader_of_nothing (void)
{
  IkeReader r = ike_reader (ike_chunk (NULL, 0));

  g_assert_true (ike_reader_done (&r));
  g_assert_cmpuint (ike_read_rest (&r).len, ==, 0);
  ike_read_bytes (&r, NULL, 0);
  g_assert_true (ike_reader_done (&r));
  ike_read_skip (&r, 1);
  g_assert_false (ike_reader_ok (&r));
}

static void
test_reader_bytes_and_fail (void)
{
  IkeReader r = ike_reader (ike_chunk (octets, 4));
  guint8 out[3];

  ike_read_bytes (&r, out, 3);
  g_assert_cmpmem (out, 3, octets, 3);
  g_assert_true (ike_read_chunk (&r, 1).data == octets + 3);
  g_assert_true (ike_reader_done (&r));
  ike_reader_fail (&r);
  g_assert_false (ike_reader_done (&r));
}

static void
test_writer_writes_big_endian (void)
{
  g_auto (IkeWriter) w = IKE_WRITER (64);
  g_autoptr (GBytes) bytes = NULL;

  ike_write_u8 (&w, 0x01);
  ike_write_u16 (&w, 0x0203);
  ike_write_u32 (&w, 0x04050607);
  ike_write_u64 (&w, G_GUINT64_CONSTANT (0x08090a0b0c0d0e0f));
  ike_write_zero (&w, 2);
  ike_write_bytes (&w, "\xaa\xbb", 2);
  ike_write_chunk (&w, ike_chunk (NULL, 0));
  ike_writer_patch_u8 (&w, 0, 0x11);
  ike_writer_patch_u16 (&w, 15, 0xeeff);
  assert_chunk (ike_writer_chunk (&w), "11 0203 04050607 08090a0b0c0d0e0f eeff aabb");
  g_assert_cmpuint (ike_writer_len (&w), ==, 19);
  bytes = ike_writer_finish (&w);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 19);
  g_assert_cmpuint (ike_writer_len (&w), ==, 0);
}

static void
test_writer_limit_is_hard (void)
{
  g_auto (IkeWriter) w = IKE_WRITER (4);
  g_autoptr (GBytes) bytes = NULL;

  ike_write_u32 (&w, 1); /* at the limit */
  g_assert_true (ike_writer_ok (&w));
  ike_write_zero (&w, 0);
  g_assert_true (ike_writer_ok (&w));
  ike_write_u8 (&w, 0); /* one above */
  g_assert_false (ike_writer_ok (&w));
  ike_write_zero (&w, G_MAXSIZE);
  g_assert_cmpuint (ike_writer_len (&w), ==, 4);
  ike_writer_patch_u16 (&w, 100, 0); /* does nothing after a failure */
  g_assert_null (ike_writer_finish (&w));
  /* and is usable again */
  ike_write_u32 (&w, 2);
  bytes = ike_writer_finish (&w);
  assert_chunk (ike_chunk_bytes (bytes), "00000002");
}

static void
test_writer_grows_to_its_limit (void)
{
  g_auto (IkeWriter) w = IKE_WRITER (65535);
  IkeChunk chunk;

  for (guint i = 0; i < 65535; i++)
    ike_write_u8 (&w, i & 0xff);
  g_assert_true (ike_writer_ok (&w));
  chunk = ike_writer_chunk (&w);
  for (guint i = 0; i < 65535; i++)
    g_assert_cmpuint (chunk.data[i], ==, i & 0xff);
  ike_write_u8 (&w, 0);
  g_assert_false (ike_writer_ok (&w));
}

static void
test_writer_blocks_nest (void)
{
  g_auto (IkeWriter) w = IKE_WRITER (64);
  IkeBlock outer, inner, four;

  ike_write_u16 (&w, 0xaaaa);
  outer = ike_write_begin (&w, 2, 4); /* counts the two octets before, itself, and the content */
  inner = ike_write_begin (&w, 1, 0); /* counts the content only */
  ike_write_u16 (&w, 0xbbbb);
  ike_write_end (&w, inner);
  four = ike_write_begin (&w, 4, 0);
  ike_write_end (&w, four);
  ike_write_end (&w, outer);
  assert_chunk (ike_writer_chunk (&w), "aaaa 000b 02 bbbb 00000000");
}

static void
test_writer_refuses_what_does_not_fit (void)
{
  const struct {
    guint width;
    gsize content;
    gboolean fits;
  } cases[] = { { 1, 255, TRUE }, { 1, 256, FALSE }, { 2, 65535, TRUE }, { 2, 65536, FALSE }, { 4, 65536, TRUE } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (IkeWriter) w = IKE_WRITER (100000);
      IkeBlock block = ike_write_begin (&w, cases[i].width, 0);

      ike_write_zero (&w, cases[i].content);
      ike_write_end (&w, block);
      g_assert_true (ike_writer_ok (&w) == cases[i].fits);
    }
  {
    g_auto (IkeWriter) w = IKE_WRITER (8);

    ike_write_u8 (&w, 256);
    g_assert_false (ike_writer_ok (&w));
  }
  {
    g_auto (IkeWriter) w = IKE_WRITER (8);

    ike_write_u16 (&w, 65536);
    g_assert_false (ike_writer_ok (&w));
    ike_writer_clear (&w);
    ike_writer_fail (&w);
    g_assert_null (ike_writer_finish (&w));
  }
}

static void
test_writer_empty (void)
{
  g_auto (IkeWriter) w = IKE_WRITER (0);
  g_autoptr (GBytes) bytes = NULL;

  ike_write_zero (&w, 0);
  bytes = ike_writer_finish (&w);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 0);
  ike_write_u8 (&w, 0);
  g_assert_false (ike_writer_ok (&w));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/reader/reads-big-endian", test_reader_reads_big_endian);
  g_test_add_func ("/base/reader/fails-one-short-of-each-width", test_reader_fails_one_short_of_each_width);
  g_test_add_func ("/base/reader/failure-sticks", test_reader_failure_sticks);
  g_test_add_func ("/base/reader/sub-is-confined", test_reader_sub_is_confined);
  g_test_add_func ("/base/reader/of-nothing", test_reader_of_nothing);
  g_test_add_func ("/base/reader/bytes-and-fail", test_reader_bytes_and_fail);
  g_test_add_func ("/base/writer/writes-big-endian", test_writer_writes_big_endian);
  g_test_add_func ("/base/writer/limit-is-hard", test_writer_limit_is_hard);
  g_test_add_func ("/base/writer/grows-to-its-limit", test_writer_grows_to_its_limit);
  g_test_add_func ("/base/writer/blocks-nest", test_writer_blocks_nest);
  g_test_add_func ("/base/writer/refuses-what-does-not-fit", test_writer_refuses_what_does_not_fit);
  g_test_add_func ("/base/writer/empty", test_writer_empty);
  return g_test_run ();
}
