/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SA payload: RFC 7296 section 3.3; key length rules; limits. */
#include "wire/payload-sa.h"
#include "wire-test.h"

/* Two ESP proposals with SPI c1c2c3c4: AES-GCM-16 256/128 without ESN; AES-CBC-128 with HMAC-SHA2-256. */
static const char two_esp[] = "02 00 002c 01 03 04 03 c1c2c3c4 0300000c 01000014 800e0100 0300000c 01000014 800e0080"
                              "00000008 05000000"
                              "00 00 0028 02 03 04 03 c1c2c3c4 0300000c 0100000c 800e0080 03000008 0300000c"
                              "00000008 05000000";

static gboolean
parse_hex (const char *hex, IkeSa *sa)
{
  g_autoptr (GBytes) bytes = from_hex (hex);
  IkeChunk chunk = ike_chunk_bytes (bytes);
  g_autofree guint8 *copy = exact_copy (chunk, chunk.len);
  gboolean ok = ike_sa_parse (ike_chunk (copy, chunk.len), sa);

  if (!ok)
    g_assert_null (sa->proposals); /* untouched */
  return ok;
}

/* One transform in one IKE proposal; gives its key bits. */
static gboolean
parse_transform (const char *attributes, guint16 *ret_key_bits)
{
  g_autoptr (GBytes) octets = from_hex (attributes);
  gsize len = g_bytes_get_size (octets);
  g_autofree char *hex =
      g_strdup_printf ("00 00 %04zx 01 01 00 01 00 00 %04zx 01 00 000c %s", 16 + len, 8 + len, attributes);
  g_auto (IkeSa) sa = { 0 };

  if (!parse_hex (hex, &sa))
    return FALSE;
  *ret_key_bits = ike_sa_transforms (&sa, ike_sa_proposal (&sa, 0))->key_bits;
  return TRUE;
}

static IkeProposal *
make_proposal (IkeProtocolId protocol, const IkeTransform *transforms, guint n)
{
  IkeProposal *proposal = ike_proposal_new (protocol);

  g_array_append_vals (proposal->transforms, transforms, n);
  return proposal;
}

static GBytes *
write_two_esp (void)
{
  g_autoptr (GPtrArray) proposals = g_ptr_array_new_with_free_func ((GDestroyNotify) ike_proposal_free);
  static const IkeTransform gcm[] = { { IKE_TRANSFORM_ENCR, IKE_ENCR_AES_GCM_16, 256 },
                                      { IKE_TRANSFORM_ENCR, IKE_ENCR_AES_GCM_16, 128 },
                                      { IKE_TRANSFORM_ESN, IKE_ESN_NO, 0 } };
  static const IkeTransform cbc[] = { { IKE_TRANSFORM_ENCR, IKE_ENCR_AES_CBC, 128 },
                                      { IKE_TRANSFORM_INTEG, IKE_INTEG_HMAC_SHA2_256_128, 0 },
                                      { IKE_TRANSFORM_ESN, IKE_ESN_NO, 0 } };
  g_auto (IkeWriter) writer = IKE_WRITER (IKE_MAX_MESSAGE);

  g_ptr_array_add (proposals, make_proposal (IKE_PROTOCOL_ESP, gcm, 3));
  g_ptr_array_add (proposals, make_proposal (IKE_PROTOCOL_ESP, cbc, 3));
  ike_sa_write (&writer, proposals, ike_chunk ("\xc1\xc2\xc3\xc4", 4));
  return ike_writer_finish (&writer);
}

static void
test_write_then_parse (void)
{
  g_autoptr (GBytes) bytes = write_two_esp ();
  g_auto (IkeSa) sa = { 0 };
  g_autofree char *text = NULL;
  const IkeSaProposal *proposal;

  assert_chunk (ike_chunk_bytes (bytes), two_esp);
  g_assert_true (ike_sa_parse (ike_chunk_bytes (bytes), &sa));
  g_assert_cmpuint (sa.proposals->len, ==, 2);
  proposal = ike_sa_proposal (&sa, 1);
  g_assert_cmpuint (proposal->number, ==, 2);
  g_assert_cmpuint (proposal->protocol, ==, IKE_PROTOCOL_ESP);
  g_assert_cmpuint (proposal->n_transforms, ==, 3);
  g_assert_false (proposal->unknown_type);
  assert_chunk (proposal->spi, "c1c2c3c4");
  g_assert_cmpuint (ike_sa_transforms (&sa, proposal)[1].id, ==, IKE_INTEG_HMAC_SHA2_256_128);
  text = ike_sa_to_string (&sa);
  g_assert_cmpstr (text, ==, "ESP:AES_GCM_16_256/AES_GCM_16_128/ESN_NO; ESP:AES_CBC_128/HMAC_SHA2_256_128/ESN_NO");
}

static void
test_write_chosen (void)
{
  g_auto (IkeWriter) writer = IKE_WRITER (IKE_MAX_MESSAGE);
  static const IkeTransform chosen[] = { { IKE_TRANSFORM_ENCR, IKE_ENCR_CHACHA20_POLY1305, 0 },
                                         { IKE_TRANSFORM_PRF, IKE_PRF_HMAC_SHA2_256, 0 },
                                         { IKE_TRANSFORM_KE, IKE_KE_CURVE25519, 0 } };

  ike_sa_write_chosen (&writer, 3, IKE_PROTOCOL_IKE, ike_chunk ("\1\2\3\4\5\6\7\x08", 8), chosen, 3);
  assert_chunk (ike_writer_chunk (&writer), "00 00 0028 03 01 08 03 0102030405060708"
                                            "03000008 0100001c 03000008 02000005 00000008 0400001f");
}

static void
test_every_truncation_and_length (void)
{
  g_autoptr (GBytes) bytes = from_hex (two_esp);
  IkeChunk whole = ike_chunk_bytes (bytes);
  /* low octets of: proposal lengths, transform lengths, SPI sizes, numbers of transforms */
  static const gsize counts[] = { 3, 6, 7, 15, 27, 39, 44 + 3, 44 + 6, 44 + 7, 44 + 15, 44 + 27, 44 + 35 };

  for (gsize len = 0; len < whole.len; len++)
    {
      g_autofree guint8 *copy = exact_copy (whole, len);
      IkeSa sa = { 0 };

      g_assert_false (ike_sa_parse (ike_chunk (copy, len), &sa));
    }
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    for (gint d = -1; d <= 1; d += 2)
      {
        g_autofree guint8 *copy = exact_copy (whole, whole.len);
        IkeSa sa = { 0 };

        copy[counts[i]] = (guint8) (copy[counts[i]] + d);
        g_assert_false (ike_sa_parse (ike_chunk (copy, whole.len), &sa));
      }
}

static void
test_bit_flips_are_survived (void)
{
  g_autoptr (GBytes) bytes = from_hex (two_esp);
  IkeChunk whole = ike_chunk_bytes (bytes);
  g_autofree guint8 *copy = exact_copy (whole, whole.len);

  for (gsize bit = 0; bit < whole.len * 8; bit++)
    {
      g_auto (IkeSa) sa = { 0 };

      copy[bit / 8] ^= (guint8) (1 << bit % 8);
      if (ike_sa_parse (ike_chunk (copy, whole.len), &sa))
        {
          g_autofree char *text = ike_sa_to_string (&sa);

          g_assert_cmpuint (sa.transforms->len, ==, 6);
        }
      copy[bit / 8] ^= (guint8) (1 << bit % 8);
    }
}

/* openswan CVE-2011-3380: a Key Length that is missing or impossible. */
static void
test_key_length (void)
{
  const struct {
    const char *attributes;
    gboolean valid;
    guint16 key_bits;
  } cases[] = {
    { "", TRUE, 0 }, /* absent: no AES that we offer */
    { "800e0100", TRUE, 256 },
    { "800e0000", TRUE, IKE_KEY_BITS_UNACCEPTABLE },
    { "800effff", TRUE, IKE_KEY_BITS_UNACCEPTABLE },
    { "800e0001", TRUE, 1 },
    { "800e0080 800e0080", TRUE, IKE_KEY_BITS_UNACCEPTABLE },
    { "800e0080 800e0100", TRUE, IKE_KEY_BITS_UNACCEPTABLE },
    { "800e0000 800e0100", TRUE, IKE_KEY_BITS_UNACCEPTABLE },
    { "000e0002 0100", TRUE, IKE_KEY_BITS_UNACCEPTABLE }, /* the long form */
    { "800f0100", TRUE, IKE_KEY_BITS_UNACCEPTABLE }, /* unknown */
    { "800e0100 00110003 aabbcc", TRUE, IKE_KEY_BITS_UNACCEPTABLE },
    { "00110000", TRUE, IKE_KEY_BITS_UNACCEPTABLE },
    { "800e01", FALSE, 0 },
    { "80", FALSE, 0 },
    { "00110003 aabb", FALSE, 0 },
    { "0011ffff aabb", FALSE, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint16 key_bits = 0;

      g_assert_true (parse_transform (cases[i].attributes, &key_bits) == cases[i].valid);
      g_assert_cmpuint (key_bits, ==, cases[i].key_bits);
    }
}

static void
test_unknown_transform_type_marks_the_proposal (void)
{
  g_auto (IkeSa) sa = { 0 };
  g_autofree char *text = NULL;

  g_assert_true (parse_hex ("02 00 0018 01 01 00 02 03000008 0100001c 00000008 c8000001"
                            "00 00 0010 02 01 00 01 00000008 0100001c",
                            &sa));
  g_assert_true (ike_sa_proposal (&sa, 0)->unknown_type);
  g_assert_false (ike_sa_proposal (&sa, 1)->unknown_type);
  text = ike_sa_to_string (&sa);
  g_assert_cmpstr (text, ==, "IKE:CHACHA20_POLY1305/TRANSFORM_200_1; IKE:CHACHA20_POLY1305");
}

static void
test_spi_sizes (void)
{
  for (guint protocol = 0; protocol < 6; protocol++)
    for (guint len = 0; len < 256; len++)
      {
        g_autoptr (GString) hex = g_string_new (NULL);
        g_auto (IkeSa) sa = { 0 };
        gboolean want = protocol == IKE_PROTOCOL_IKE                                  ? len == 0 || len == 8
                        : protocol == IKE_PROTOCOL_AH || protocol == IKE_PROTOCOL_ESP ? len == 4
                                                                                      : len <= 8;

        g_string_printf (hex, "00 00 %04x 01 %02x %02x 01 ", 16 + len, protocol, len);
        for (guint i = 0; i < len; i++)
          g_string_append (hex, "5a");
        g_string_append (hex, "00000008 05000000");
        g_assert_true (parse_hex (hex->str, &sa) == want);
      }
}

static void
test_markers (void)
{
  const char *cases[] = {
    "",
    "00 00 0008 01 01 00", /* cut */
    "02 00 0010 01 01 00 01 00000008 0100001c", /* "more", but there is none */
    "00 00 0010 01 01 00 01 00000008 0100001c 00 00 0010 02 01 00 01 00000008 0100001c", /* "last", but it is not */
    "03 00 0010 01 01 00 01 00000008 0100001c",
    "00 00 0010 01 01 00 01 03000008 0100001c", /* the last transform says "more" */
    "00 00 0018 01 01 00 02 00000008 0100001c 00000008 02000005", /* the first says "last" */
    "00 00 0018 01 01 00 01 00000008 0100001c 00000008 02000005", /* one more than counted */
    "00 00 0010 01 01 00 02 03000008 0100001c", /* one less than counted */
    "00 00 0004 01 01 00 01 00000008 0100001c",
    "00 00 0000",
    "00 00 0010 01 01 00 01 00000007 0100001c", /* transform shorter than its header */
    "00 00 0010 01 01 00 01 00000000 0100001c",
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      IkeSa sa = { 0 };

      g_assert_false (parse_hex (cases[i], &sa));
    }
}

/* A proposal without transforms is well-formed, and nobody will choose it. */
static void
test_no_transforms (void)
{
  g_auto (IkeSa) sa = { 0 };
  g_autofree char *text = NULL;

  g_assert_true (parse_hex ("00 00 0008 01 01 00 00", &sa));
  g_assert_cmpuint (ike_sa_proposal (&sa, 0)->n_transforms, ==, 0);
  g_assert_null (ike_sa_transforms (&sa, ike_sa_proposal (&sa, 0)));
  text = ike_sa_to_string (&sa);
  g_assert_cmpstr (text, ==, "IKE:");
}

static GPtrArray *
many_proposals (guint n_proposals, guint n_transforms)
{
  GPtrArray *proposals = g_ptr_array_new_with_free_func ((GDestroyNotify) ike_proposal_free);
  const IkeTransform transform = { IKE_TRANSFORM_KE, IKE_KE_CURVE25519, 0 };

  for (guint i = 0; i < n_proposals; i++)
    {
      IkeProposal *proposal = ike_proposal_new (IKE_PROTOCOL_IKE);

      for (guint j = 0; j < n_transforms; j++)
        g_array_append_val (proposal->transforms, transform);
      g_ptr_array_add (proposals, proposal);
    }
  return proposals;
}

static void
test_limits (void)
{
  const struct {
    guint proposals, transforms;
    gboolean ok;
  } cases[] = {
    { IKE_MAX_PROPOSALS, 1, TRUE },
    { IKE_MAX_PROPOSALS + 1, 1, FALSE },
    { 1, IKE_MAX_TRANSFORMS, TRUE },
    { 1, IKE_MAX_TRANSFORMS + 1, FALSE },
    { 0, 0, FALSE },
    { 64, 255, FALSE }, /* above 64 KiB */
    { 31, 255, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) proposals = many_proposals (cases[i].proposals, cases[i].transforms);
      g_auto (IkeWriter) writer = IKE_WRITER (IKE_MAX_MESSAGE);
      g_autoptr (GBytes) bytes = NULL;
      g_auto (IkeSa) sa = { 0 };

      ike_sa_write (&writer, proposals, ike_chunk (NULL, 0));
      bytes = ike_writer_finish (&writer);
      g_assert_true ((bytes != NULL) == cases[i].ok);
      if (bytes)
        g_assert_true (ike_sa_parse (ike_chunk_bytes (bytes), &sa));
    }
}

/* What our writer refuses to write, from somebody else's. */
static void
test_proposal_limit_is_the_parsers_too (void)
{
  for (guint n = IKE_MAX_PROPOSALS; n <= IKE_MAX_PROPOSALS + 1; n++)
    {
      g_autoptr (GString) hex = g_string_new (NULL);
      g_auto (IkeSa) sa = { 0 };

      for (guint i = 0; i < n; i++)
        g_string_append_printf (hex, "%02x 00 0010 %02x 01 00 01 00000008 0100001c", i + 1 < n ? 2 : 0, i + 1);
      g_assert_true (parse_hex (hex->str, &sa) == (n <= IKE_MAX_PROPOSALS));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/sa/write-then-parse", test_write_then_parse);
  g_test_add_func ("/wire/sa/write-chosen", test_write_chosen);
  g_test_add_func ("/wire/sa/every-truncation-and-length", test_every_truncation_and_length);
  g_test_add_func ("/wire/sa/bit-flips-are-survived", test_bit_flips_are_survived);
  g_test_add_func ("/wire/cve-2011-3380-key-length", test_key_length);
  g_test_add_func ("/wire/sa/unknown-transform-type-marks-the-proposal",
                   test_unknown_transform_type_marks_the_proposal);
  g_test_add_func ("/wire/sa/spi-sizes", test_spi_sizes);
  g_test_add_func ("/wire/sa/markers", test_markers);
  g_test_add_func ("/wire/sa/no-transforms", test_no_transforms);
  g_test_add_func ("/wire/sa/limits", test_limits);
  g_test_add_func ("/wire/sa/proposal-limit-is-the-parsers-too", test_proposal_limit_is_the_parsers_too);
  return g_test_run ();
}
