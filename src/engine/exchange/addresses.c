/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several addresses of one end: RFC 4555 sections 3.4 to 3.7. Who began chooses the path, and tries the other addresses of
 * a peer that does not answer any more: the request that is unanswered goes there as it is, and UPDATE_SA_ADDRESSES after it
 * (path.c, mobike.c).
 *
 * A client tells nobody where else it can be reached. Section 3.4 lets it do so ("MAY"); a gateway would use that for nothing
 * but a change of its own address, and would learn of all networks that its client is in, and of its lasting addresses
 * behind NATs.
 *
 * Invariants: what a peer says leads at most to IKE messages to what it names, as many as it would get there itself while it
 * does not answer; traffic goes there after it has answered, from there, a question that it cannot guess; until then no Child
 * SA is made there; whoever loses it meanwhile begins anew where it was last, and if that is in vain where START was, in turn.
 */
#include "exchange/addresses.h"

#include "exchange/handlers.h"
#include "exchange/stream.h"

#include "wire/payload-notify.h"

#include <string.h>

/* so many of ours are known */
#define OWN_MAX 64
/* Between two others we are where the peer was, which may only have lost us (ike_reauth_try); after a round more at length. */
#define STAY (1500 * IKE_MILLISECOND)
/* when none of the peer's was right: it doubles */
#define PAUSE (5 * IKE_SECOND)
#define MOST_DOUBLINGS 3

/* ---- what the peer says ---- */

static void
keep (IkeParent *parent, const IkeAddresses *list)
{
  if (!parent->addresses && !list->n)
    return;
  if (!parent->addresses)
    parent->addresses = g_new0 (IkeAddresses, 1);
  *parent->addresses = *list;
  ike_parent_log (parent, IKE_LOG_DEBUG, "mobike", "the peer has %u other addresses", list->n);
}

void
ike_addresses_note (IkeParent *parent, const IkePayloads *payloads, gboolean initiator)
{
  IkeConnection *connection = parent->connection;
  IkeAddresses list;

  parent->chooses = initiator;
  /* it was authenticated there */
  if (initiator && ike_address_equal (&connection->path.remote.address, &parent->path.remote.address))
    connection->home = (IkePath){ 0 };
  if (parent->mobike && ike_addresses_read (payloads, &parent->path.local.address, &list))
    keep (parent, &list);
}

void
ike_addresses_on_request (IkeParent *parent, const IkeIncoming *message)
{
  const IkeAddress *from = &message->path.remote.address, *now = &parent->path.remote.address;
  guint32 told = parent->addresses ? parent->addresses->told : 0;
  IkeAddresses list;

  if (!parent->mobike || !ike_addresses_read (&message->payloads, &parent->path.local.address, &list))
    return;
  /* section 3.6: a newer one has come before */
  if (message->header.message_id < told)
    return;
  list.told = message->header.message_id + 1;
  if (!ike_address_equal (from, now))
    ike_addresses_add (&list, from);
  if (parent->addresses || list.n)
    keep (parent, &list);
  /* section 3.5: it may not be there any more */
  if (parent->chooses && !ike_address_equal (from, now))
    ike_liveness_doubt (parent);
}

void
ike_addresses_inherit (IkeParent *fresh, const IkeParent *old)
{
  fresh->chooses = old->chooses;
  fresh->strayed = old->strayed;
  if (!old->addresses)
    return;
  fresh->addresses = g_memdup2 (old->addresses, sizeof *old->addresses);
  fresh->addresses->told = 0; /* its ids begin anew */
}

/* ---- trying them ---- */

gboolean
ike_addresses_is_untested (const IkeParent *parent)
{
  const IkeAddress *home = &parent->connection->home.remote.address;

  return home->family && parent->connection->current == parent &&
         !ike_address_equal (home, &parent->path.remote.address);
}

static void
ask_for (IkeConnection *connection, const IkeAddress *address)
{
  IkeOutput *output = ike_core_output_new (IKE_OUTPUT_OTHER_ADDRESS, connection->config->id);

  output->gateway = ike_address_to_string (address);
  connection->asked = *address;
  ike_core_push (connection->core, output);
}

/* The address of a network of its own leads us, who are not in there, nowhere, or to a stranger in ours. */
static gboolean
leads_there (const IkeParent *parent, const IkeAddress *address)
{
  const IkeAddress *now = &parent->path.remote.address;

  return !ike_address_equal (address, now) && !ike_address_equal (address, &parent->path.local.address) &&
         !ike_address_equal (address, &parent->connection->home.remote.address) &&
         (!ike_addresses_is_private (address) || ike_addresses_is_private (now));
}

static gboolean
may_try (const IkeParent *parent)
{
  const IkeConnection *connection = parent->connection;

  /* instead of a TCP connection (RFC 9329) the caller makes another one, to where the first went */
  return parent->addresses && (parent->addresses->n || connection->home.remote.address.family) && parent->mobike &&
         parent->chooses && connection->current == parent && !connection->elsewhere && !connection->redirecting &&
         parent->state == IKE_PARENT_ESTABLISHED && !ike_stream_is (&parent->path);
}

IkeTry
ike_addresses_try (IkeParent *parent)
{
  IkeConnection *connection = parent->connection;
  IkeAddresses *list = parent->addresses;
  const IkeAddress *next = NULL;
  g_autofree char *now = NULL, *there = NULL;

  if (!may_try (parent))
    return IKE_TRY_NONE;
  if (parent->core->now < list->again)
    return IKE_TRY_LATER;
  while (!next && list->next < 2 * list->n)
    {
      const guint step = list->next++;

      if (step % 2 == 0)
        next = leads_there (parent, &list->at[step / 2]) ? &list->at[step / 2] : NULL;
      else if (ike_addresses_is_untested (parent))
        {
          next = &connection->home.remote.address;
          list->again = parent->core->now + MIN (STAY << list->rounds, PAUSE);
        }
    }
  if (!next)
    {
      list->next = 0;
      list->again = parent->core->now + (PAUSE << list->rounds);
      list->rounds = (guint8) MIN (list->rounds + 1, MOST_DOUBLINGS);
      return IKE_TRY_OVER;
    }
  now = ike_address_to_string (&parent->path.remote.address);
  there = ike_address_to_string (next);
  ike_parent_log (parent, IKE_LOG_INFO, "mobike", "the peer does not answer at %s: is it at %s?", now, there);
  parent->strayed = FALSE;
  ask_for (connection, next);
  return IKE_TRY_NEXT;
}

gboolean
ike_addresses_arrive (IkeConnection *connection, const IkeAddress *remote)
{
  const IkeParent *parent = connection->current;
  gboolean back =
      connection->home.remote.address.family && ike_address_equal (remote, &connection->home.remote.address);

  if (!parent || !parent->mobike || !parent->chooses || parent->state != IKE_PARENT_ESTABLISHED ||
      connection->redirecting)
    return FALSE;
  if (!back && !(parent->addresses && ike_addresses_contain (parent->addresses, remote)))
    return FALSE;
  if (back)
    connection->home = (IkePath){ 0 };
  else if (!connection->home.remote.address.family)
    connection->home = parent->path;
  return TRUE;
}

gboolean
ike_addresses_comes_late (IkeConnection *connection, const IkeAddress *remote)
{
  gboolean late =
      connection->asked.family && ike_address_equal (&connection->asked, remote) && !connection->redirecting;

  connection->asked = (IkeAddress){ 0 };
  if (late && connection->state != IKE_CONNECTION_IDLE && connection->state != IKE_CONNECTION_STOPPING)
    ask_for (connection, &connection->path.remote.address);
  return late;
}

void
ike_addresses_proven (IkeParent *parent)
{
  IkeConnection *connection = parent->connection;
  IkeAddresses *list = parent->addresses;
  gboolean untested = ike_addresses_is_untested (parent);

  if (list)
    {
      list->next = list->rounds = 0;
      list->again = 0;
    }
  /* where it was before is one of the others now */
  for (guint i = 0; untested && list && i < list->n; i++)
    if (ike_address_equal (&list->at[i], &parent->path.remote.address))
      list->at[i] = connection->home.remote.address;
  if (untested)
    {
      g_autofree char *there = ike_address_to_string (&parent->path.remote.address);

      ike_parent_log (parent, IKE_LOG_INFO, "mobike", "the peer answers at %s", there);
      connection->home = (IkePath){ 0 };
    }
}

void
ike_addresses_go_home (IkeConnection *connection)
{
  if (!connection->home.remote.address.family)
    return;
  connection->path.remote.address = connection->natt_path.remote.address = connection->home.remote.address;
  ike_connection_trap (connection);
  ask_for (connection, &connection->home.remote.address);
}

void
ike_addresses_begin (IkeConnection *connection)
{
  connection->begun[0] = connection->begun[1] = connection->path.remote.address;
}

void
ike_addresses_take_turns (IkeConnection *connection)
{
  gboolean first = connection->attempts % 2;
  const IkeAddress *now = &connection->path.remote.address, *other = &connection->begun[first ? 0 : 1];

  if (connection->config->role != IKE_ROLE_INITIATOR || connection->redirecting || !connection->attempts ||
      ike_stream_is (&connection->path) || ike_address_equal (now, other))
    return;
  if (first)
    connection->begun[1] = *now;
  connection->redirected_from = (IkeAddress){ 0 };
  connection->home = connection->path;
  connection->home.remote.address = *other;
}

gboolean
ike_addresses_is_back (IkeConnection *connection, const IkePath *path, const IkePath *natt_path)
{
  const IkeParent *parent = connection->current;

  if (!ike_address_equal (&connection->home.remote.address, &connection->path.remote.address) ||
      !ike_address_equal (&connection->home.remote.address, &path->remote.address))
    return FALSE;
  connection->home = (IkePath){ 0 };
  return parent && parent->state < IKE_PARENT_ESTABLISHED && ike_path_equal (&connection->path, path) &&
         ike_path_equal (&connection->natt_path, natt_path);
}

/* ---- ours ---- */

/* All but the one in use; behind a NAT those of IPv4 are not where anybody else could find us, and to whom has come from
 * outside those of our own networks say nothing but what these are. */
static IkeAddresses
to_be_told (const IkeParent *parent)
{
  const GArray *own = parent->connection->own;
  const IkeAddress *now = &parent->path.local.address;
  IkeAddresses list = { .n = 0 };

  /* first those of the family that the peer is known to have */
  for (guint i = 0; own && i < 2 * own->len; i++)
    {
      const IkeAddress *address = &g_array_index (own, IkeAddress, i % own->len);

      if ((address->family == now->family) == (i < own->len) && !ike_address_equal (address, now) &&
          !(parent->nat_here && address->family == IKE_FAMILY_IP4) &&
          (!ike_addresses_is_private (address) || ike_addresses_is_private (now)))
        ike_addresses_add (&list, address);
    }
  return list;
}

void
ike_addresses_write (IkeBuilder *builder, const IkeParent *parent, gboolean request)
{
  const IkeAddresses list = to_be_told (parent);

  for (guint i = 0; i < list.n; i++)
    ike_builder_notify (builder,
                        list.at[i].family == IKE_FAMILY_IP4 ? IKE_NOTIFY_ADDITIONAL_IP4_ADDRESS
                                                            : IKE_NOTIFY_ADDITIONAL_IP6_ADDRESS,
                        ike_address_chunk (&list.at[i]));
  if (!request)
    return;
  if (!list.n)
    ike_builder_notify (builder, IKE_NOTIFY_NO_ADDITIONAL_ADDRESSES, ike_chunk (NULL, 0));
  /* section 3.9 */
  ike_natd_forbid (builder, &parent->path, ike_parent_config (parent)->encap);
}

static GArray *
parse_own (const char *text)
{
  GArray *own = g_array_new (FALSE, FALSE, sizeof (IkeAddress));

  while (text && *text && own->len < OWN_MAX)
    {
      gsize len = strcspn (text, " ");
      g_autofree char *word = g_strndup (text, len);
      IkeAddress address;

      if (ike_address_from_string (word, &address) && ike_addresses_may_be (&address))
        g_array_append_val (own, address);
      text += len + strspn (text + len, " ");
    }
  return own;
}

static gboolean
waits_to_tell (const IkeParent *parent)
{
  for (GList *l = parent->tasks ? parent->tasks->head : NULL; l; l = l->next)
    if (((IkeTask *) l->data)->row == &ike_row_liveness && ((IkeTask *) l->data)->step == IKE_LIVENESS_ADDRESSES &&
        !((IkeTask *) l->data)->started)
      return TRUE;
  return FALSE;
}

void
ike_addresses_set_own (IkeConnection *connection, const char *text)
{
  GArray *before = connection->own;
  g_autofree IkeAddresses *told = g_new0 (IkeAddresses, connection->parents->len + 1);

  for (guint i = 0; i < connection->parents->len; i++)
    told[i] = to_be_told (connection->parents->pdata[i]);
  connection->own = parse_own (text);
  g_clear_pointer (&before, g_array_unref);
  for (guint i = 0; i < connection->parents->len; i++)
    {
      IkeParent *parent = connection->parents->pdata[i];
      const IkeAddresses now = to_be_told (parent);

      if (!parent->mobike || parent->chooses || parent->state != IKE_PARENT_ESTABLISHED || waits_to_tell (parent) ||
          ike_addresses_equal (&told[i], &now))
        continue;
      ike_run_queue (parent, &ike_row_liveness)->step = IKE_LIVENESS_ADDRESSES;
      ike_run_next (parent);
    }
}
