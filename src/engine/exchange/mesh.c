/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns the mates of a mesh, the order in which they are asked, and the policies that are nobody's Child SA. */
#include "exchange/mesh.h"

#include "exchange/handlers.h"
#include "exchange/peer.h"
#include "sa/groups.h"
#include "sa/select.h"

/* Slots up to this one are the groups': the helper tells them by ACQUIRE (kernel/owner.h). */
#define GROUP_SLOTS IKE_MAX_SLOTS
#define IKE_PORT 500

typedef enum {
  MATE_RESTS, /* or answers, or is up */
  MATE_QUEUED,
  MATE_ASKING, /* we negotiate */
  MATE_SHUNTED, /* in vain, for some time */
  MATE_PAUSES, /* has ended what stood again and again: nothing is asked sooner */
} IkeMateState;

typedef struct {
  IkeAddress local, remote;
} Pair;

typedef struct _IkeMeshState {
  GHashTable *mates; /* Pair, owned -> IkeConnection, owned */
  GQueue queued; /* IkeConnection */
  guint asking;
  guint slots; /* of groups, from 1 */
  guint32 question_first, question_last; /* to the kernel, about them */
} IkeMeshState;

static guint
pair_hash (gconstpointer key)
{
  const guint8 *octets = key;
  guint hash = 2166136261u;

  for (gsize i = 0; i < sizeof (Pair); i++)
    hash = (hash ^ octets[i]) * 16777619u;
  return hash;
}

static gboolean
pair_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (Pair)) == 0;
}

static IkeMeshState *
state_of (const IkeConnection *mate)
{
  return mate->mesh->mesh_state;
}

/* ---- policies ---- */

static IkeKernelRequest *
policies_new (IkeKernelOp op, guint32 slot)
{
  IkeKernelRequest *request = g_new0 (IkeKernelRequest, 1);

  request->op = op;
  request->slot = slot;
  request->parts = IKE_SA_POLICIES;
  request->protocol = IKE_PROTOCOL_ESP;
  request->transport_mode = TRUE;
  return request;
}

static void
remove_policies (IkeConnection *connection, guint32 slot)
{
  ike_core_kernel (connection->core, connection->config->id, policies_new (IKE_KERNEL_DELETE, slot), NULL);
}

static IkeRule
rule_of (IkeGroup group)
{
  switch (group)
    {
    case IKE_GROUP_PRIVATE:
      return IKE_RULE_TRAP;
    case IKE_GROUP_PRIVATE_OR_CLEAR:
      return IKE_RULE_ASK;
    case IKE_GROUP_CLEAR_OR_PRIVATE:
    case IKE_GROUP_CLEAR:
      return IKE_RULE_PASS;
    case IKE_GROUP_BLOCK:
      return IKE_RULE_BLOCK;
    }
  g_assert_not_reached ();
}

static GArray *
own_selectors (const IkeMesh *mesh)
{
  GArray *own = ike_select_new ();

  for (guint i = 0; i < mesh->own->len; i++)
    ike_select_add_address (own, &g_array_index (mesh->own, IkeAddress, i));
  if (!own->len)
    {
      ike_select_add_all (own, IKE_FAMILY_IP4);
      ike_select_add_all (own, IKE_FAMILY_IP6);
    }
  return own;
}

/* Has the mesh any address of that family? */
static gboolean
has_family (const IkeMesh *mesh, guint8 family)
{
  for (guint i = 0; i < mesh->own->len; i++)
    if (g_array_index (mesh->own, IkeAddress, i).family == family)
      return TRUE;
  return mesh->own->len == 0;
}

static IkeSelector
selector_of (const IkePrefix *net)
{
  IkeSelector selector = { .first = net->address, .last = net->address, .port_last = G_MAXUINT16 };

  for (guint i = net->prefix; i < 8 * ike_family_len (net->address.family); i++)
    selector.last.bytes[i / 8] |= (guint8) (0x80 >> i % 8);
  return selector;
}

static void
install (IkeConnection *mesh, IkeRule rule, GArray *take_local, GArray *take_remote)
{
  IkeMeshState *state = mesh->mesh_state;
  IkeKernelRequest *request = policies_new (IKE_KERNEL_INSTALL, ++state->slots);

  request->rule = rule;
  request->local_ts = take_local;
  request->remote_ts = take_remote;
  state->question_last = ike_core_kernel (mesh->core, mesh->config->id, request, NULL);
  if (!state->question_first)
    state->question_first = state->question_last;
}

static void
install_group (IkeConnection *mesh, IkeGroup group)
{
  const IkeMesh *config = mesh->config->mesh;
  /* so few that with each of our addresses they are not too many policies for one request */
  const guint most = MAX (IKE_MAX_SELECTORS / MAX (config->own->len, 1), 1);
  GArray *nets = ike_select_new ();
  gboolean left = FALSE;

  for (guint i = 0; i < config->nets->len; i++)
    {
      const IkeMeshNet *net = &g_array_index (config->nets, IkeMeshNet, i);
      IkeSelector selector = selector_of (&net->net);

      if (net->group != group)
        continue;
      if (!has_family (config, net->net.address.family))
        {
          left = TRUE;
          continue;
        }
      g_array_append_val (nets, selector);
      if (nets->len < most)
        continue;
      install (mesh, rule_of (group), own_selectors (config), nets);
      nets = ike_select_new ();
    }
  if (nets->len)
    install (mesh, rule_of (group), own_selectors (config), nets);
  else
    g_array_unref (nets);
  if (left && (group == IKE_GROUP_PRIVATE || group == IKE_GROUP_BLOCK))
    ike_core_log (
        mesh->core, mesh->config->id, NULL, IKE_LOG_WARNING, "mesh",
        "%s: nothing keeps packets for some of its nets, because this machine has no address of their IP version "
        "that leads there; activate the connection again when it has one",
        ike_group_name (group));
}

/* ---- what a net must let pass, or nothing would work in it: no data of anybody's goes by these ---- */

enum { ICMP4 = 1, UDP = 17, ICMP6 = 58 };
typedef struct {
  IkeFamily family;
  guint8 protocol, type_first, type_last;
} Always;

/* RFC 4301 section 6.1.1: errors that routers report; and, where links have no other protocol for it, neighbours. */
static const Always errors[] = {
  { IKE_FAMILY_IP4, ICMP4, 3, 3 }, /* destination unreachable */
  { IKE_FAMILY_IP4, ICMP4, 11, 12 }, /* time exceeded, parameter problem */
  { IKE_FAMILY_IP6, ICMP6, 1, 4 }, /* the same, and packet too big */
  { IKE_FAMILY_IP6, ICMP6, 133, 137 }, /* RFC 4861 */
};

static void
install_errors (IkeConnection *mesh)
{
  GArray *remote = ike_select_new ();

  for (guint i = 0; i < G_N_ELEMENTS (errors); i++)
    for (guint type = errors[i].type_first;
         has_family (mesh->config->mesh, errors[i].family) && type <= errors[i].type_last; type++)
      {
        IkeSelector *selector;

        ike_select_add_all (remote, errors[i].family);
        selector = &g_array_index (remote, IkeSelector, remote->len - 1);
        selector->protocol = errors[i].protocol;
        selector->port_first = (guint16) (type << 8);
        selector->port_last = (guint16) (type << 8 | 0xff);
      }
  install (mesh, IKE_RULE_ALWAYS, own_selectors (mesh->config->mesh), remote);
}

/* Our lease is renewed: from a client's port alone, to a server's. */
static void
install_dhcp (IkeConnection *mesh)
{
  GArray *local = own_selectors (mesh->config->mesh), *remote = ike_select_new ();

  for (guint i = 0; i < local->len; i++)
    {
      IkeSelector *own = &g_array_index (local, IkeSelector, i), *server;
      gboolean six = own->first.family == IKE_FAMILY_IP6;

      own->protocol = UDP;
      own->port_first = own->port_last = six ? 546 : 68;
      ike_select_add_all (remote, own->first.family);
      server = &g_array_index (remote, IkeSelector, remote->len - 1);
      server->protocol = UDP;
      server->port_first = server->port_last = six ? 547 : 67;
    }
  install (mesh, IKE_RULE_ALWAYS, local, remote);
}

void
ike_mesh_start (IkeConnection *mesh)
{
  IkeCore *core = mesh->core;

  if (mesh->mesh_state || !mesh->config->mesh)
    return;
  mesh->mesh_state = g_new0 (IkeMeshState, 1);
  mesh->mesh_state->mates = g_hash_table_new_full (pair_hash, pair_equal, g_free, (GDestroyNotify) ike_connection_free);
  core->last_slot = MAX (core->last_slot, GROUP_SLOTS);
  install_errors (mesh);
  install_dhcp (mesh);
  for (guint group = IKE_GROUP_PRIVATE; group <= IKE_GROUP_BLOCK; group++)
    install_group (mesh, (IkeGroup) group);
}

static void
remove_shunt (IkeConnection *mate)
{
  if (mate->shunt_slot)
    remove_policies (mate, mate->shunt_slot);
  mate->shunt_slot = 0;
  ike_connection_stop_timer (mate, IKE_CONNECTION_TIMER_RETRY);
}

void
ike_mesh_stop (IkeConnection *mesh, gboolean farewell)
{
  IkeMeshState *state = mesh->mesh_state;
  GHashTableIter iter;
  gpointer value;

  if (!state)
    return;
  g_hash_table_iter_init (&iter, state->mates);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      ike_connection_set_state (value, IKE_CONNECTION_IDLE);
      ike_life_drop (value, farewell);
      remove_shunt (value);
    }
  for (guint32 slot = 1; slot <= state->slots; slot++)
    remove_policies (mesh, slot);
  /* this frees their IKE SAs, which are closed */
  g_hash_table_unref (state->mates);
  g_queue_clear (&state->queued);
  g_clear_pointer (&mesh->mesh_state, g_free);
}

void
ike_mesh_on_kernel (IkeCore *core, const IkeInput *input)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, core->connections);
  while (input->kernel_error && g_hash_table_iter_next (&iter, NULL, &value))
    {
      const IkeMeshState *state = ((IkeConnection *) value)->mesh_state;
      g_auto (IkeReason) reason = { 0 };
      g_autofree char *text = NULL;

      if (!state || input->number < state->question_first || input->number > state->question_last)
        continue;
      text = ike_core_kernel_text (input);
      ike_reason_set (&reason, IKE_REASON_KERNEL, 0, "%s", text);
      ike_mesh_stop (value, FALSE);
      ike_life_give_up (value, &reason);
      return;
    }
}

/* ---- mates ---- */

static IkeConnection *
find_mate (IkeConnection *mesh, const IkePath *path)
{
  const Pair pair = { path->local.address, path->remote.address };

  return g_hash_table_lookup (mesh->mesh_state->mates, &pair);
}

static IkeConnection *
new_mate (IkeConnection *mesh, const IkePath *from)
{
  const Pair pair = { from->local.address, from->remote.address };
  const IkePath path = { .transport = IKE_TRANSPORT_UDP,
                         .local = { pair.local, IKE_PORT },
                         .remote = { pair.remote, IKE_PORT } };
  IkeConnection *mate;

  if (g_hash_table_size (mesh->mesh_state->mates) >= IKE_MESH_MAX_MATES)
    {
      if (ike_core_may_be_loud (mesh->core))
        ike_core_log (mesh->core, mesh->config->id, NULL, IKE_LOG_NOTICE, "limit", "too many hosts in the mesh");
      return NULL;
    }
  mate = ike_connection_new_mate (mesh, &path);
  ike_connection_set_state (mate, IKE_CONNECTION_WAITING);
  g_hash_table_insert (mesh->mesh_state->mates, g_memdup2 (&pair, sizeof pair), mate);
  return mate;
}

void
ike_mesh_tidy (IkeConnection *mate)
{
  const Pair pair = { mate->path.local.address, mate->path.remote.address };

  if (mate->mesh && mate->state == IKE_CONNECTION_WAITING && mate->mate_state == MATE_RESTS && !mate->parents->len)
    g_hash_table_remove (state_of (mate)->mates, &pair);
}

static void
ask_next (IkeConnection *mesh)
{
  IkeMeshState *state = mesh->mesh_state;
  IkeConnection *mate;

  while (state->asking < IKE_MESH_MAX_ASKING && (mate = g_queue_pop_head (&state->queued)))
    {
      mate->mate_state = MATE_ASKING;
      state->asking++;
      ike_life_negotiate (mate);
    }
}

/* It is asked no more, with whatever result. */
static void
rest (IkeConnection *mate)
{
  IkeMeshState *state = state_of (mate);

  if (mate->mate_state == MATE_ASKING)
    state->asking--;
  else if (mate->mate_state == MATE_QUEUED)
    g_queue_remove (&state->queued, mate);
  mate->mate_state = MATE_RESTS;
}

void
ike_mesh_on_acquire (IkeConnection *mesh, const IkePath *path)
{
  IkeConnection *mate;
  IkeGroup group;

  if (!mesh->mesh_state || mesh->state != IKE_CONNECTION_LISTENING || !ike_address_assignable (&path->remote.address) ||
      path->local.address.family != path->remote.address.family ||
      ike_address_equal (&path->local.address, &path->remote.address) ||
      !ike_mesh_group (mesh->config->mesh, &path->remote.address, &group) || group > IKE_GROUP_PRIVATE_OR_CLEAR)
    return;
  mate = find_mate (mesh, path);
  if (mate && mate->state == IKE_CONNECTION_UP)
    ike_peer_on_acquire (mate);
  if (mate && mate->mate_state == MATE_PAUSES)
    mate->packet_waits = TRUE;
  if ((mate && (mate->state != IKE_CONNECTION_WAITING || mate->mate_state != MATE_RESTS || mate->current)) ||
      g_queue_get_length (&mesh->mesh_state->queued) >= IKE_MESH_MAX_WAITING ||
      (!mate && !(mate = new_mate (mesh, path))))
    return;
  mate->mate_state = MATE_QUEUED;
  g_queue_push_tail (&mesh->mesh_state->queued, mate);
  ask_next (mesh);
}

IkeConnection *
ike_mesh_answering (IkeConnection *mesh, const IkePath *path)
{
  g_autofree char *who = NULL;
  IkeConnection *mate;
  IkeGroup group;

  if (!mesh->mesh_state)
    return NULL;
  if (ike_mesh_group (mesh->config->mesh, &path->remote.address, &group) && group <= IKE_GROUP_CLEAR_OR_PRIVATE)
    {
      mate = find_mate (mesh, path);
      return mate ? mate : new_mate (mesh, path);
    }
  who = ike_address_to_string (&path->remote.address);
  if (ike_core_may_be_loud (mesh->core))
    ike_core_log (mesh->core, mesh->config->id, NULL, IKE_LOG_NOTICE, "mesh",
                  "%s begins, but is not in a group that is encrypted", who);
  return NULL;
}

gboolean
ike_mesh_may_follow (const IkeParent *parent, const IkeAddress *remote)
{
  const IkeConnection *connection = parent->connection;

  return !connection->mesh || ike_address_equal (&connection->path.remote.address, remote);
}

/* ---- what becomes of them ---- */

static void
shunt (IkeConnection *mate, IkeGroup group, const char *who)
{
  const IkeMesh *mesh = mate->config->mesh;
  gboolean block = group == IKE_GROUP_PRIVATE;
  IkeTime time = block ? mesh->block_time : mesh->shunt_time;
  IkeKernelRequest *request = policies_new (IKE_KERNEL_INSTALL, ++mate->core->last_slot);

  request->rule = block ? IKE_RULE_SHUNT_BLOCK : IKE_RULE_SHUNT_PASS;
  request->path = mate->path;
  request->local_ts = ike_select_new ();
  ike_select_add_address (request->local_ts, &mate->path.local.address);
  request->remote_ts = ike_select_new ();
  ike_select_add_address (request->remote_ts, &mate->path.remote.address);
  mate->shunt_slot = request->slot;
  mate->mate_state = MATE_SHUNTED;
  ike_core_kernel (mate->core, mate->config->id, request, NULL);
  ike_connection_set_timer (mate, IKE_CONNECTION_TIMER_RETRY, mate->core->now + time);
  ike_core_log (mate->core, mate->config->id, NULL, IKE_LOG_DEBUG, "mesh", "%s is %s for %u s", who,
                block ? "blocked" : "reached in the clear", (guint) (time / IKE_SECOND));
}

void
ike_mesh_mate_waits (IkeConnection *mate, const IkeReason *reason)
{
  gboolean was_up = mate->state == IKE_CONNECTION_UP || mate->state == IKE_CONNECTION_RETRYING,
           asked = mate->mate_state == MATE_ASKING;
  g_autofree char *who = ike_address_to_string (&mate->path.remote.address);
  IkeConnection *mesh = mate->mesh;
  IkeGroup group;

  ike_connection_set_state (mate, IKE_CONNECTION_WAITING);
  rest (mate);
  if (was_up)
    {
      IkeOutput *output = ike_core_output_new (IKE_OUTPUT_GONE, mate->config->id);

      output->client = mate->mate;
      ike_core_push (mate->core, output);
    }
  if (ike_core_may_be_loud (mate->core))
    ike_core_log (mate->core, mate->config->id, NULL, IKE_LOG_NOTICE, "mesh", "%s: %s%s%s", who,
                  ike_reason_code_name (reason->code), reason->detail ? ": " : "",
                  reason->detail ? reason->detail : "");
  if (asked && !was_up && ike_mesh_group (mate->config->mesh, &mate->path.remote.address, &group))
    shunt (mate, group, who);
  else if (was_up && mate->not_before > mate->core->now)
    {
      mate->mate_state = MATE_PAUSES;
      mate->packet_waits = FALSE;
      ike_connection_set_timer (mate, IKE_CONNECTION_TIMER_RETRY, mate->not_before);
    }
  ask_next (mesh);
}

void
ike_mesh_mate_up (IkeConnection *mate)
{
  if (!mate->mesh)
    return;
  rest (mate);
  remove_shunt (mate);
  ask_next (mate->mesh);
}

void
ike_mesh_on_timer (IkeConnection *mate)
{
  if (mate->state == IKE_CONNECTION_RETRYING)
    {
      ike_life_negotiate (mate);
      return;
    }
  remove_shunt (mate);
  if (mate->mate_state == MATE_PAUSES && mate->packet_waits)
    {
      mate->packet_waits = FALSE;
      mate->mate_state = MATE_QUEUED;
      g_queue_push_tail (&state_of (mate)->queued, mate);
      ask_next (mate->mesh);
      return;
    }
  rest (mate);
  ike_mesh_tidy (mate);
}
