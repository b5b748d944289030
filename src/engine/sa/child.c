/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns one Child SA's facts, and what the kernel is told about it. */
#include "sa/child.h"

#include "crypto/suites.h"
#include "sa/claims.h"
#include "sa/client.h"
#include "sa/connection.h"
#include "sa/label.h"
#include "sa/parent.h"
#include "sa/select.h"

#include <errno.h>

/* without ESN: a sequence number never wraps (RFC 4303 section 3.3.3) */
#define LAST_SEQUENCE (G_GUINT64_CONSTANT (0xfff00000))

const char *
ike_child_state_name (IkeChildState state)
{
  switch (state)
    {
    case IKE_CHILD_NEGOTIATING:
      return "negotiating";
    case IKE_CHILD_INSTALLING:
      return "installing";
    case IKE_CHILD_INBOUND:
      return "inbound";
    case IKE_CHILD_READY:
      return "ready";
    case IKE_CHILD_REPLACED:
      return "replaced";
    case IKE_CHILD_DELETING:
      return "deleting";
    case IKE_CHILD_LINGERING:
      return "lingering";
    }
  g_assert_not_reached ();
}

void
ike_child_set_state (IkeChild *child, IkeChildState state)
{
  if (child->state == state)
    return;
  ike_parent_log (child->parent, IKE_LOG_DEBUG, "state", "Child SA #%u: %s -> %s", child->number,
                  ike_child_state_name (child->state), ike_child_state_name (state));
  child->state = (guint8) state;
}

static void
list_append (IkeParent *parent, IkeChild *child)
{
  IkeChild **end = &parent->children;

  while (*end)
    end = &(*end)->next;
  *end = child;
  child->next = NULL;
  child->parent = parent;
}

static void
list_remove (IkeChild *child)
{
  IkeChild **at = &child->parent->children;

  while (*at != child)
    at = &(*at)->next;
  *at = child->next;
}

IkeChild *
ike_child_new (IkeParent *parent, guint32 slot)
{
  IkeChild *child = g_new0 (IkeChild, 1);

  child->number = ++parent->core->last_child;
  child->slot = slot ? slot : ike_connection_new_slot (parent->connection);
  child->protocol = IKE_PROTOCOL_ESP;
  if (ike_parent_config (parent)->child.label)
    child->label = g_bytes_ref (ike_parent_config (parent)->child.label);
  ike_timers_init (child->timers, IKE_CHILD_N_TIMERS);
  list_append (parent, child);
  return child;
}

static void
unindex (IkeChild *child)
{
  GHashTable *index = child->parent->core->children;
  gpointer key = GUINT_TO_POINTER (child->spi_in);

  if (child->spi_in && g_hash_table_lookup (index, key) == child)
    g_hash_table_remove (index, key);
}

void
ike_child_free (IkeChild *child)
{
  IkeParent *parent = child->parent;

  ike_parent_log (parent, IKE_LOG_DEBUG, "state", "Child SA #%u: %s -> gone", child->number,
                  ike_child_state_name (child->state));
  unindex (child);
  ike_claims_leave (child);
  list_remove (child);
  ike_child_keys_clear (&child->keys);
  g_clear_pointer (&child->local_ts, g_array_unref);
  g_clear_pointer (&child->remote_ts, g_array_unref);
  g_clear_pointer (&child->label, g_bytes_unref);
  g_clear_pointer (&child->low_nonce, g_bytes_unref);
  g_free (child);
  ike_parent_rearm (parent);
}

void
ike_child_move (IkeChild *child, IkeParent *parent)
{
  IkeParent *old = child->parent;

  list_remove (child);
  list_append (parent, child);
  ike_parent_rearm (old);
  ike_parent_rearm (parent);
}

void
ike_child_like (IkeChild *child, const IkeChild *all)
{
  child->local_ts = ike_select_copy (all->local_ts);
  child->remote_ts = ike_select_copy (all->remote_ts);
  ike_child_set_label (child, all->label);
  child->transport_mode = all->transport_mode;
  child->cpus = all->cpus;
}

void
ike_child_set_label (IkeChild *child, GBytes *label)
{
  GBytes *old = child->label;

  child->label = label ? g_bytes_ref (label) : NULL;
  g_bytes_unref (old);
}

gboolean
ike_child_same_traffic (const IkeChild *a, const IkeChild *b)
{
  return ike_select_equal (a->local_ts, b->local_ts) && ike_select_equal (a->remote_ts, b->remote_ts) &&
         ike_label_equal (a->label, b->label);
}

IkeChild *
ike_child_by_number (IkeParent *parent, guint32 number)
{
  for (IkeChild *child = parent->children; child; child = child->next)
    if (child->number == number)
      return child;
  return NULL;
}

IkeChild *
ike_child_by_spi_in (IkeParent *parent, guint32 spi)
{
  for (IkeChild *child = parent->children; child; child = child->next)
    if (child->spi_in == spi && spi)
      return child;
  return NULL;
}

IkeChild *
ike_child_by_spi_out (IkeParent *parent, guint32 spi)
{
  for (IkeChild *child = parent->children; child; child = child->next)
    if (child->spi_out == spi && spi && child->state != IKE_CHILD_LINGERING)
      return child;
  return NULL;
}

/* Afterwards that is settled. */
static gboolean
asks_for_cpus (const IkeChild *child)
{
  return child->cpus && !child->cpu && !child->replaces;
}

void
ike_child_log_refusal (const IkeParent *parent, const IkeInput *input)
{
  g_autofree char *text = input->kernel_error ? ike_core_kernel_text (input) : NULL;

  if (text)
    ike_parent_log (parent, IKE_LOG_ERROR, "kernel", "the kernel refused a Child SA: %s", text);
}

void
ike_child_set_spi_in (IkeChild *child, const IkeInput *input)
{
  unindex (child);
  child->spi_in = input->spi;
  child->cpi_in = child->compress ? input->cpi : 0;
  if (child->compress && !child->cpi_in)
    {
      ike_parent_log (child->parent, IKE_LOG_NOTICE, "child", "Child SA #%u is not compressed: the kernel cannot do it",
                      child->number);
      child->cpi_out = 0;
    }
  if (child->aggfrag && !input->aggfrag)
    {
      ike_parent_log (child->parent, IKE_LOG_NOTICE, "child", "Child SA #%u is without IP-TFS: the kernel cannot do it",
                      child->number);
      child->aggfrag = FALSE;
    }
  if (asks_for_cpus (child))
    {
      child->cpus = MIN (child->cpus, input->cpus);
      if (!child->cpus)
        ike_parent_log (child->parent, IKE_LOG_NOTICE, "child",
                        "Child SA #%u is for all processors: the kernel cannot give them SAs of their own",
                        child->number);
    }
  child->has_spi = TRUE;
  g_hash_table_insert (child->parent->core->children, GUINT_TO_POINTER (child->spi_in), child);
}

/* ---- kernel ---- */

static IkeKernelRequest *
request_new (const IkeChild *child, IkeKernelOp op, const IkePath *path)
{
  IkeKernelRequest *request = g_new0 (IkeKernelRequest, 1);

  request->op = op;
  request->child = child->number;
  request->slot = child->slot;
  request->spi_in = child->spi_in;
  request->spi_out = child->spi_out;
  request->protocol = child->protocol;
  request->path = *path;
  request->transport_mode = child->transport_mode;
  request->encap = child->encap;
  request->encr = child->encr;
  request->encr_bits = child->encr_bits;
  request->integ = child->integ;
  if (child->local_ts)
    request->local_ts = ike_select_copy (child->local_ts);
  if (child->remote_ts)
    request->remote_ts = ike_select_copy (child->remote_ts);
  /* it differs from the peer's in its final NUL at most */
  if (child->label)
    request->label = g_bytes_ref (ike_parent_config (child->parent)->child.label);
  return request;
}

static guint32
child_kernel (IkeChild *child, IkeKernelRequest *request, const IkeWorkFor *work)
{
  return ike_core_kernel (child->parent->core, child->parent->connection->config->id, request, work);
}

void
ike_child_alloc_spi (IkeChild *child, const IkePath *path, const IkeWorkFor *work)
{
  IkeKernelRequest *request = request_new (child, IKE_KERNEL_ALLOC_SPI, path);

  request->ipcomp = child->compress;
  request->aggfrag = child->aggfrag;
  request->per_cpu = asks_for_cpus (child);
  child_kernel (child, request, work);
}

/* The smaller one; 0 is no limit. */
static guint64
tighter (guint64 a, guint64 b)
{
  return a && b ? MIN (a, b) : a + b;
}

/* Nine to eight tenths of it: both ends count the same packets, and shall not rekey at once. */
static guint64
soft_of (IkeCore *core, guint64 hard)
{
  return hard - hard / 10 - hard / 10 * ike_core_jitter (core) / 256;
}

/* Time, octets and packets after which the kernel complains (soft) or stops (hard). */
static void
fill_limits (const IkeChild *child, const IkeChildConfig *config, IkeKernelRequest *request)
{
  IkeCore *core = child->parent->core;
  guint64 octets, packets;

  ike_esp_limits (child->encr, child->integ, &octets, &packets);
  request->hard_lifetime = config->lifetime;
  request->hard_bytes = tighter (config->lifetime_bytes, octets);
  request->soft_bytes = soft_of (core, request->hard_bytes);
  request->hard_packets = tighter (packets, child->esn ? 0 : LAST_SEQUENCE);
  request->soft_packets = soft_of (core, request->hard_packets);
}

/* What comes later goes where the first half is, also while a move of both is unanswered (RFC 4555 section 3.5); and the
 * first not to where the peer is by its word alone (section 3.7). */
static const IkePath *
outer_path (const IkeChild *child)
{
  const IkePath *now = &child->parent->path, *home = &child->parent->connection->home;

  if (child->parts & (IKE_SA_IN | IKE_SA_OUT))
    return &child->path;
  return home->remote.address.family && !ike_address_equal (&home->remote.address, &now->remote.address) ? home : now;
}

void
ike_child_install (IkeChild *child, guint parts, const IkeWorkFor *work)
{
  const IkeChildConfig *config = &ike_parent_config (child->parent)->child;
  const IkePath path = *outer_path (child);
  IkeKernelRequest *request = request_new (child, IKE_KERNEL_INSTALL, &path);

  request->parts = parts;
  request->esn = child->esn;
  request->replay_window = config->replay_window;
  request->tfc = child->tfc;
  request->aggfrag = child->aggfrag;
  request->aggfrag_whole = child->aggfrag && child->aggfrag_whole;
  request->cpi_in = child->cpi_in;
  request->cpi_out = child->cpi_out;
  request->cpu = child->cpu;
  if (parts & IKE_SA_IN)
    {
      request->encr_in = g_steal_pointer (&child->keys.encr_in);
      request->integ_in = g_steal_pointer (&child->keys.integ_in);
    }
  if (parts & IKE_SA_OUT)
    {
      request->encr_out = g_steal_pointer (&child->keys.encr_out);
      request->integ_out = g_steal_pointer (&child->keys.integ_out);
    }
  if (parts & IKE_SA_POLICIES && !child->claims && !ike_claims_enter (child))
    parts = request->parts &= ~(guint) IKE_SA_POLICIES;
  if (parts & IKE_SA_POLICIES)
    ike_connection_unhold (child->parent->connection, child->slot);
  fill_limits (child, config, request);
  child->parts = (guint8) (child->parts | parts);
  child->path = path;
  child_kernel (child, request, work);
}

typedef gboolean (*Wanted) (const IkeChild *child, const IkeChild *other);

static IkeChild *
find_among (const IkeParent *parent, const IkeChild *child, Wanted wanted)
{
  for (IkeChild *other = parent->children; other; other = other->next)
    if (other != child && other->slot == child->slot && wanted (child, other))
      return other;
  return NULL;
}

/* Another one of the same slot; a peer, and a server's client, may for a moment have them in two IKE SAs. */
static IkeChild *
find_sibling (const IkeChild *child, Wanted wanted)
{
  const IkeConnection *connection = child->parent->connection;
  const IkeClient *client = child->parent->client;
  IkeChild *found = find_among (child->parent, child, wanted);

  for (guint i = 0; !found && connection->config->role != IKE_ROLE_RESPONDER && i < connection->parents->len; i++)
    found = find_among (connection->parents->pdata[i], child, wanted);
  for (const IkeParent *twin = client ? client->parents : NULL; !found && twin; twin = twin->client_next)
    found = find_among (twin, child, wanted);
  return found;
}

/* To which the policies are of use. */
static gboolean
is_heir (const IkeChild *child, const IkeChild *other)
{
  return other->parts & (IKE_SA_IN | IKE_SA_OUT) && other->state != IKE_CHILD_LINGERING &&
         other->state != IKE_CHILD_DELETING;
}

/* Else one that still sends: its packets would leave in clear without them. */
static gboolean
still_sends (const IkeChild *child, const IkeChild *other)
{
  return (other->parts & IKE_SA_OUT) != 0;
}

/* Those of a trap are for nothing else. */
static gboolean
is_plain (const IkeChild *child)
{
  return !child->cpi_in && !child->aggfrag &&
         !child->transport_mode == !ike_parent_config (child->parent)->child.transport_mode;
}

static gboolean
has_policies (const IkeChild *child, const IkeChild *other)
{
  return (other->parts & IKE_SA_POLICIES) != 0;
}

static gboolean
has_our_policies (const IkeChild *child, const IkeChild *other)
{
  return other->parts & IKE_SA_POLICIES && !other->cpi_in == !child->cpi_in && other->aggfrag == child->aggfrag &&
         other->transport_mode == child->transport_mode && ike_child_same_traffic (other, child);
}

gboolean
ike_child_claim_policies (IkeChild *child)
{
  IkeChild *other = find_sibling (child, has_our_policies);
  guint32 trap = child->parent->connection->trap_slot;

  /* they stay with one that is for all */
  if (other && child->cpu && child->cpu != other->cpu)
    return TRUE;
  if (!other && trap && child->slot == trap && is_plain (child) && !find_sibling (child, has_policies))
    {
      child->parts |= IKE_SA_POLICIES;
      return ike_path_same_addresses (outer_path (child), &child->parent->connection->path);
    }
  if (!other)
    return FALSE;
  other->parts = (guint8) (other->parts & ~IKE_SA_POLICIES);
  ike_claims_pass (other, child);
  child->parts |= IKE_SA_POLICIES;
  /* they name the outer addresses, and the other one may not have moved (RFC 4555 section 3.5); a newer client's stay */
  return ike_path_same_addresses (&other->path, outer_path (child)) || ike_claims_waits (child);
}

/* Before they are deleted somebody of another slot, who had them once, takes their place in the kernel. */
static void
hand_over (IkeChild *child)
{
  IkeChild *heir = ike_claims_heir (child);

  ike_claims_leave (child);
  if (heir)
    ike_child_install (heir, IKE_SA_POLICIES, NULL);
}

void
ike_child_uninstall (IkeChild *child, guint parts)
{
  guint have = child->parts | (child->has_spi ? (guint) IKE_SA_IN : 0u);
  IkeConnection *connection = child->parent->connection;
  IkeKernelRequest *request;
  IkeChild *heir;

  parts &= have;
  if (parts & IKE_SA_POLICIES && ((heir = find_sibling (child, is_heir)) || (heir = find_sibling (child, still_sends))))
    {
      ike_claims_pass (child, heir);
      heir->parts |= IKE_SA_POLICIES;
      child->parts = (guint8) (child->parts & ~IKE_SA_POLICIES);
      parts &= ~(guint) IKE_SA_POLICIES;
    }
  if (parts & IKE_SA_POLICIES && ike_connection_hold (child->parent->connection, child))
    {
      child->parts = (guint8) (child->parts & ~IKE_SA_POLICIES);
      parts &= ~(guint) IKE_SA_POLICIES;
    }
  /* on demand the trap takes the place of the policies, without a gap; if they are not the trap's own anyway */
  if (parts & IKE_SA_POLICIES && connection->trap_slot)
    {
      child->parts = (guint8) (child->parts & ~IKE_SA_POLICIES);
      if (child->slot == connection->trap_slot)
        parts &= ~(guint) IKE_SA_POLICIES;
      if (child->slot != connection->trap_slot || !is_plain (child) ||
          !ike_path_same_addresses (&child->path, &connection->path))
        ike_connection_trap (connection);
    }
  if (parts & IKE_SA_POLICIES)
    hand_over (child);
  if (!parts)
    return;
  child->parts = (guint8) (child->parts & ~parts);
  if (parts & IKE_SA_IN)
    child->has_spi = FALSE;
  request = request_new (child, IKE_KERNEL_DELETE, &child->parent->path);
  request->parts = parts;
  child_kernel (child, request, NULL);
}

void
ike_child_update (IkeChild *child, gboolean encap, IkeWorkDone done)
{
  const IkePath *path = &child->parent->path;
  IkeWorkFor work = { .parent = child->parent, .child = child->number, .done = done };
  IkeKernelRequest *request;

  if (!child->parts ||
      (ike_endpoint_equal (&child->path.local, &path->local) && !child->encap == !encap &&
       child->path.transport == path->transport && ike_endpoint_equal (&child->path.remote, &path->remote)))
    return;
  child->encap = encap != FALSE;
  request = request_new (child, IKE_KERNEL_UPDATE, path);
  request->parts = child->parts;
  request->old_path = child->path;
  child->path = *path;
  child_kernel (child, request, &work);
}

void
ike_child_query (IkeChild *child, guint part, const IkeWorkFor *work)
{
  IkeKernelRequest *request = request_new (child, IKE_KERNEL_QUERY, &child->parent->path);

  request->parts = part;
  child_kernel (child, request, work);
}
