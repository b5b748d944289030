/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns what waits for the helper's child, and the format of PPK_ID. */
#include "io/pad.h"

#include "base/reader.h"
#include "base/writer.h"

#include <string.h>

#define PPK_ID_OPAQUE 1 /* RFC 8784 section 5.1 */
#define OFFSET_LEN 8

typedef struct {
  GBytes *id; /* of the answer; NULL: it is to be made */
  Pad pad;
  JobDoneFunc done;
  gpointer data;
} Taking;

GBytes *
pad_id_new (const Pad *pad, guint64 offset)
{
  g_auto (IkeWriter) writer = IKE_WRITER (1 + OFFSET_LEN + strlen (pad->name));

  ike_write_u8 (&writer, PPK_ID_OPAQUE);
  ike_write_u64 (&writer, offset);
  ike_write_chunk (&writer, ike_chunk (pad->name, strlen (pad->name)));
  return ike_writer_finish (&writer);
}

gboolean
pad_id_parse (const Pad *pad, IkeChunk id, guint64 *ret_offset)
{
  IkeReader reader = ike_reader (id);
  guint8 type = ike_read_u8 (&reader);
  guint64 offset = ike_read_u64 (&reader);

  if (!ike_reader_ok (&reader) || type != PPK_ID_OPAQUE ||
      !ike_chunk_equal (ike_read_rest (&reader), ike_chunk (pad->name, strlen (pad->name))))
    return FALSE;
  *ret_offset = offset;
  return TRUE;
}

static void
finish (Taking *take_taking, IkeInput *take_answer)
{
  take_answer->type = IKE_INPUT_JOB;
  take_answer->ok = take_answer->secret != NULL;
  take_taking->done (take_answer, take_taking->data);
  g_clear_pointer (&take_taking->id, g_bytes_unref);
  g_free (take_taking->pad.name);
  g_free (take_taking);
}

static void
on_slice (IkeSecret *take_slice, guint64 offset, GError *error, gpointer data)
{
  Taking *taking = data;
  IkeInput *answer = g_new0 (IkeInput, 1);

  answer->secret = take_slice;
  if (take_slice)
    answer->bytes = taking->id ? g_bytes_ref (taking->id) : pad_id_new (&taking->pad, offset);
  else
    ike_reason_set (&answer->reason, IKE_REASON_PPK_FILE, 0, "%s", error ? error->message : "no answer");
  finish (taking, answer);
}

void
pad_take (const Pad *pad, HelperClient *helper, GBytes *id, JobDoneFunc done, gpointer data)
{
  Taking *taking = g_new0 (Taking, 1);
  ChannelPadWhich which = id ? CHANNEL_PAD_AT : pad->from_back ? CHANNEL_PAD_LAST : CHANNEL_PAD_FIRST;
  guint64 offset = 0;

  taking->id = id ? g_bytes_ref (id) : NULL;
  taking->pad = (Pad){ g_strdup (pad->name), pad->from_back };
  taking->done = done;
  taking->data = data;
  /* a name that is not ours: there is no such key, which is no matter of the file */
  if (id && !pad_id_parse (pad, ike_chunk_bytes (id), &offset))
    finish (taking, g_new0 (IkeInput, 1));
  else
    helper_client_take_slice (helper, which, offset, on_slice, taking);
}
