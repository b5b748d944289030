/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Security Association payload: RFC 7296 section 3.3. */
#include "wire/payload-sa.h"

#define PROPOSAL_HEADER_LEN 8
#define TRANSFORM_HEADER_LEN 8
#define LAST 0
#define MORE_PROPOSALS 2
#define MORE_TRANSFORMS 3

#define ATTR_FORMAT_TV 0x8000
#define ATTR_KEY_LENGTH 14

/*
 * Transform attributes, section 3.3.5: AF bit and type, then the value (TV) or a length and a value (TLV).
 * The only one that exists is Key Length, in the short form.
 */
static guint16
attributes_parse (IkeReader *reader)
{
  guint16 key_bits = 0;
  gboolean acceptable = TRUE;

  while (ike_reader_left (reader) > 0)
    {
      guint16 type = ike_read_u16 (reader);
      guint16 value = ike_read_u16 (reader);

      if (type != (ATTR_FORMAT_TV | ATTR_KEY_LENGTH))
        {
          acceptable = FALSE;
          if ((type & ATTR_FORMAT_TV) == 0)
            ike_read_skip (reader, value);
        }
      /* CVE-2011-3380: a Key Length of 0 is not "none"; twice is once too often */
      else if (value == 0 || key_bits != 0)
        acceptable = FALSE;
      else
        key_bits = value;
    }
  return acceptable ? key_bits : IKE_KEY_BITS_UNACCEPTABLE;
}

/*
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * | Last Substruc |   RESERVED    |        Transform Length       |
 * |Transform Type |   RESERVED    |          Transform ID         |
 * ~                      Transform Attributes                     ~
 */
static gboolean
transform_parse (IkeReader *reader, gboolean last, IkeTransform *ret)
{
  guint8 marker = ike_read_u8 (reader);
  guint16 len;
  IkeReader attributes;

  ike_read_skip (reader, 1);
  len = ike_read_u16 (reader);
  ret->type = ike_read_u8 (reader);
  ike_read_skip (reader, 1);
  ret->id = ike_read_u16 (reader);
  if (!ike_reader_ok (reader) || marker != (last ? LAST : MORE_TRANSFORMS) || len < TRANSFORM_HEADER_LEN)
    return FALSE;
  attributes = ike_read_sub (reader, len - TRANSFORM_HEADER_LEN);
  ret->key_bits = attributes_parse (&attributes);
  return ike_reader_done (&attributes);
}

static gboolean
spi_len_valid (guint8 protocol, gsize len)
{
  switch ((IkeProtocolId) protocol)
    {
    case IKE_PROTOCOL_IKE:
      return len == 0 || len == 8; /* section 3.3.1: none in the first exchange, 8 octets when rekeying */
    case IKE_PROTOCOL_AH:
    case IKE_PROTOCOL_ESP:
      return len == 4;
    case IKE_PROTOCOL_NONE:
      break;
    }
  return len <= IKE_MAX_SPI;
}

/*
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * | Last Substruc |   RESERVED    |         Proposal Length       |
 * | Proposal Num  |  Protocol ID  |    SPI Size   |Num  Transforms|
 * ~                        SPI (variable)                         ~
 * ~                        <Transforms>                           ~
 */
static gboolean
proposal_parse (IkeReader *reader, GArray *transforms, IkeSaProposal *ret)
{
  guint8 marker = ike_read_u8 (reader), spi_len;
  guint16 len;
  IkeReader inside;

  ike_read_skip (reader, 1);
  len = ike_read_u16 (reader);
  if (len < PROPOSAL_HEADER_LEN)
    return FALSE;
  inside = ike_read_sub (reader, len - 4);
  ret->number = ike_read_u8 (&inside);
  ret->protocol = ike_read_u8 (&inside);
  spi_len = ike_read_u8 (&inside);
  ret->n_transforms = ike_read_u8 (&inside);
  ret->spi = ike_read_chunk (&inside, spi_len);
  ret->first_transform = transforms->len;
  ret->unknown_type = FALSE;
  if (!ike_reader_ok (&inside) || marker != (ike_reader_left (reader) > 0 ? MORE_PROPOSALS : LAST) ||
      !spi_len_valid (ret->protocol, spi_len))
    return FALSE;
  for (guint i = 0; i < ret->n_transforms; i++)
    {
      IkeTransform transform;
      IkeNames known;

      if (!transform_parse (&inside, i + 1 == ret->n_transforms, &transform))
        return FALSE;
      ret->unknown_type |= !ike_transform_names (transform.type, &known);
      g_array_append_val (transforms, transform);
    }
  return ike_reader_done (&inside);
}

gboolean
ike_sa_parse (IkeChunk body, IkeSa *ret_sa)
{
  IkeReader reader = ike_reader (body);
  g_auto (IkeSa) sa = { 0 };

  sa.proposals = g_array_new (FALSE, FALSE, sizeof (IkeSaProposal));
  sa.transforms = g_array_new (FALSE, FALSE, sizeof (IkeTransform));
  do
    {
      IkeSaProposal proposal;

      if (sa.proposals->len == IKE_MAX_PROPOSALS || !proposal_parse (&reader, sa.transforms, &proposal))
        return FALSE;
      g_array_append_val (sa.proposals, proposal);
    }
  while (ike_reader_left (&reader) > 0);
  ret_sa->proposals = g_steal_pointer (&sa.proposals);
  ret_sa->transforms = g_steal_pointer (&sa.transforms);
  return TRUE;
}

void
ike_sa_clear (IkeSa *sa)
{
  g_clear_pointer (&sa->proposals, g_array_unref);
  g_clear_pointer (&sa->transforms, g_array_unref);
}

const IkeSaProposal *
ike_sa_proposal (const IkeSa *sa, guint index)
{
  g_assert (index < sa->proposals->len);
  return &g_array_index (sa->proposals, IkeSaProposal, index);
}

const IkeTransform *
ike_sa_transforms (const IkeSa *sa, const IkeSaProposal *proposal)
{
  return proposal->n_transforms > 0 ? &g_array_index (sa->transforms, IkeTransform, proposal->first_transform) : NULL;
}

static void
transform_write (IkeWriter *writer, const IkeTransform *transform, gboolean last)
{
  IkeBlock block;

  ike_write_u8 (writer, last ? LAST : MORE_TRANSFORMS);
  ike_write_u8 (writer, 0);
  block = ike_write_begin (writer, 2, 4);
  ike_write_u8 (writer, transform->type);
  ike_write_u8 (writer, 0);
  ike_write_u16 (writer, transform->id);
  if (transform->key_bits != 0)
    {
      ike_write_u16 (writer, ATTR_FORMAT_TV | ATTR_KEY_LENGTH);
      ike_write_u16 (writer, transform->key_bits);
    }
  ike_write_end (writer, block);
}

static void
proposal_write (IkeWriter *writer, gboolean last, guint number, guint8 protocol, IkeChunk spi,
                const IkeTransform *transforms, guint n_transforms)
{
  IkeBlock block;

  ike_write_u8 (writer, last ? LAST : MORE_PROPOSALS);
  ike_write_u8 (writer, 0);
  block = ike_write_begin (writer, 2, 4);
  ike_write_u8 (writer, number);
  ike_write_u8 (writer, protocol);
  ike_write_u8 (writer, (guint) spi.len);
  ike_write_u8 (writer, n_transforms);
  ike_write_chunk (writer, spi);
  for (guint i = 0; i < n_transforms; i++)
    transform_write (writer, &transforms[i], i + 1 == n_transforms);
  ike_write_end (writer, block);
}

void
ike_sa_write (IkeWriter *writer, GPtrArray *proposals, IkeChunk spi)
{
  if (proposals->len == 0 || proposals->len > IKE_MAX_PROPOSALS)
    ike_writer_fail (writer);
  for (guint i = 0; i < proposals->len; i++)
    {
      const IkeProposal *proposal = g_ptr_array_index (proposals, i);

      /* section 3.3.1: the first is number 1, each further one is one more than the one before */
      proposal_write (writer, i + 1 == proposals->len, i + 1, proposal->type, spi,
                      (const IkeTransform *) (gconstpointer) proposal->transforms->data, proposal->transforms->len);
    }
}

void
ike_sa_write_chosen (IkeWriter *writer, guint8 number, IkeProtocolId protocol, IkeChunk spi,
                     const IkeTransform *transforms, guint n_transforms)
{
  proposal_write (writer, TRUE, number, (guint8) protocol, spi, transforms, n_transforms);
}

char *
ike_sa_to_string (const IkeSa *sa)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < sa->proposals->len; i++)
    {
      const IkeSaProposal *proposal = ike_sa_proposal (sa, i);
      const IkeTransform *transforms = ike_sa_transforms (sa, proposal);

      g_string_append_printf (text, "%s%s:", i > 0 ? "; " : "", IKE_NAME (PROTOCOL, proposal->protocol));
      for (guint j = 0; j < proposal->n_transforms; j++)
        {
          IkeTransform shown = transforms[j];
          gboolean unacceptable = shown.key_bits == IKE_KEY_BITS_UNACCEPTABLE;

          if (unacceptable)
            shown.key_bits = 0;
          g_string_append_printf (text, "%s%s%s", j > 0 ? "/" : "", IKE_TRANSFORM_NAME (&shown),
                                  unacceptable ? "?" : "");
        }
    }
  return g_string_free (text, FALSE);
}
