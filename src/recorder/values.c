/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In the order of ike-engine-io.h, so that a field that is missing here is seen. */
#include "recorder/values.h"

/* A field that is not recorded makes a replay differ for no visible reason: whoever adds one adds its line below, and
 * then changes the number. */
#if GLIB_SIZEOF_VOID_P == 8 && defined(__x86_64__)
G_STATIC_ASSERT (sizeof (IkeConfig) == 464);
G_STATIC_ASSERT (sizeof (IkeInput) == 288);
#endif

/* ---- lists ---- */

/* For each item of @list, of which there will be as many as were written. */
#define FOR_ITEMS(fields, list, i)                                                                                     \
 for (guint i = 0, n_ = fields_count (fields, (list)->len); i < n_ && fields_ok (fields); i++)

/* An item is something: whoever counts what is not there has written something else. */
static void
fields_keep (Fields *fields, GPtrArray *list, gpointer value)
{
  if (!value)
    fields_fail (fields);
  else if (fields->in)
    g_ptr_array_add (list, value);
}

static void
fields_strings (Fields *fields, GPtrArray *list)
{
  FOR_ITEMS (fields, list, i)
  {
    char *value = fields->in ? NULL : list->pdata[i];

    fields_string (fields, &value);
    fields_keep (fields, list, value);
  }
}

static void
fields_blobs (Fields *fields, GPtrArray *list)
{
  FOR_ITEMS (fields, list, i)
  {
    GBytes *value = fields->in ? NULL : list->pdata[i];

    fields_bytes (fields, &value);
    fields_keep (fields, list, value);
  }
}

static void
fields_identities (Fields *fields, GPtrArray *list)
{
  FOR_ITEMS (fields, list, i)
  {
    IkeIdentity *value = fields->in ? NULL : list->pdata[i];

    fields_identity (fields, &value);
    fields_keep (fields, list, value);
  }
}

static void
fields_addresses (Fields *fields, GArray *list)
{
  FOR_ITEMS (fields, list, i)
  {
    IkeAddress value = { 0 };

    if (fields->out)
      value = g_array_index (list, IkeAddress, i);
    fields_address (fields, &value);
    if (fields->in)
      g_array_append_val (list, value);
  }
}

static void
fields_selectors (Fields *fields, GPtrArray *list)
{
  FOR_ITEMS (fields, list, i)
  {
    IkeSelector *value = fields->in ? g_new0 (IkeSelector, 1) : list->pdata[i];

    fields_address (fields, &value->first);
    fields_address (fields, &value->last);
    fields_u8 (fields, &value->protocol);
    fields_u16 (fields, &value->port_first);
    fields_u16 (fields, &value->port_last);
    if (fields->in)
      g_ptr_array_add (list, value);
  }
}

static void
fields_transforms (Fields *fields, GArray *list)
{
  FOR_ITEMS (fields, list, i)
  {
    IkeTransform value = { 0 };

    if (fields->out)
      value = g_array_index (list, IkeTransform, i);
    fields_u8 (fields, &value.type);
    fields_u16 (fields, &value.id);
    fields_u16 (fields, &value.key_bits);
    if (fields->in)
      g_array_append_val (list, value);
  }
}

static void
fields_proposals (Fields *fields, GPtrArray *list)
{
  FOR_ITEMS (fields, list, i)
  {
    IkeProposal *value = fields->in ? ike_proposal_new (IKE_PROTOCOL_IKE) : list->pdata[i];

    fields_u8 (fields, &value->type);
    fields_transforms (fields, value->transforms);
    if (fields->in)
      g_ptr_array_add (list, value);
  }
}

/* ---- the configuration ---- */

static void
fields_child (Fields *fields, IkeChildConfig *child)
{
  fields_selectors (fields, child->local_ts);
  fields_selectors (fields, child->remote_ts);
  fields_flag (fields, &child->exact);
  fields_flag (fields, &child->transport_mode);
  fields_flag (fields, &child->pfs);
  fields_flag (fields, &child->esn);
  fields_flag (fields, &child->ipcomp);
  fields_flag (fields, &child->tfc);
  fields_flag (fields, &child->aggfrag);
  fields_u32 (fields, &child->replay_window);
  fields_u32 (fields, &child->cpus);
  fields_bytes (fields, &child->label);
  fields_time (fields, &child->lifetime);
  fields_time (fields, &child->rekey_margin);
  fields_u64 (fields, &child->lifetime_bytes);
}

static void
fields_serve (Fields *fields, IkeServe **value)
{
  gboolean present = *value != NULL;
  IkeServe *serve;

  fields_flag (fields, &present);
  if (!present)
    return;
  if (fields->in)
    *value = ike_serve_new ();
  serve = *value;
  fields_flag (fields, &serve->pool4);
  fields_flag (fields, &serve->pool6);
  fields_flag (fields, &serve->authorize);
  fields_choice (fields, &serve->unique, IKE_UNIQUE_NO);
  fields_addresses (fields, serve->dns);
  fields_strings (fields, serve->domains);
  fields_string (fields, &serve->banner);
}

static void
fields_net (Fields *fields, IkeMeshNet *net)
{
  fields_address (fields, &net->net.address);
  fields_u8 (fields, &net->net.prefix);
  if (net->net.prefix > 8 * ike_family_len (net->net.address.family))
    fields_fail (fields);
  fields_choice (fields, &net->group, IKE_GROUP_BLOCK);
}

static void
fields_mesh (Fields *fields, IkeMesh **value)
{
  gboolean present = *value != NULL;
  guint n;

  fields_flag (fields, &present);
  if (!present)
    return;
  if (fields->in)
    *value = ike_mesh_new ();
  n = fields_count (fields, (*value)->nets->len);
  if (n > IKE_MESH_MAX_NETS)
    fields_fail (fields);
  for (guint i = 0; i < n && fields_ok (fields); i++)
    {
      IkeMeshNet net = { 0 };

      if (fields->out)
        net = g_array_index ((*value)->nets, IkeMeshNet, i);
      fields_net (fields, &net);
      if (fields->in)
        g_array_append_val ((*value)->nets, net);
    }
  fields_addresses (fields, (*value)->own);
  fields_time (fields, &(*value)->shunt_time);
  fields_time (fields, &(*value)->block_time);
}

/* Who we are and how it is proven. */
static void
fields_proof (Fields *fields, IkeConfig *config)
{
  fields_identity (fields, &config->local_id);
  fields_identities (fields, config->names);
  fields_identity (fields, &config->remote_id);
  fields_flag (fields, &config->send_remote_id);
  fields_choice (fields, &config->local_auth, IKE_AUTH_NULL);
  fields_choice (fields, &config->remote_auth, IKE_AUTH_NULL);
  fields_flag (fields, &config->then_eap);
  fields_choice (fields, &config->key_type, IKE_KEY_LAST);
  fields_u32 (fields, &config->key_bits);
  fields_flag (fields, &config->key_pss);
  fields_flag (fields, &config->allow_rsa_sha1);
  fields_blobs (fields, config->certificates);
  fields_bytes (fields, &config->certreq_hashes);
  fields_flag (fields, &config->certificate_identity_check);
  fields_flag (fields, &config->ask_status);
  fields_string (fields, &config->eap_identity);
  fields_string (fields, &config->eap_outer_identity);
  fields_u32 (fields, &config->eap_methods);
  fields_u32 (fields, &config->eap_inner);
  fields_choice (fields, &config->eap_ttls, IKE_TTLS_MSCHAPV2);
  fields_choice (fields, &config->ppk, IKE_PPK_INSIST);
  fields_flag (fields, &config->ppk_in_auth);
  fields_bytes (fields, &config->ppk_id);
}

void
fields_config (Fields *fields, IkeConfig *config)
{
  fields_u32 (fields, &config->id);
  fields_string (fields, &config->name);
  fields_choice (fields, &config->role, IKE_ROLE_PEER);
  fields_choice (fields, &config->begin, IKE_BEGIN_DEMAND);
  fields_time (fields, &config->idle_timeout);
  fields_serve (fields, &config->serve);
  fields_mesh (fields, &config->mesh);
  fields_secret (fields, &config->qcd_secret, FALSE);
  fields_flag (fields, &config->childless);
  fields_proof (fields, config);
  fields_proposals (fields, config->proposals);
  fields_proposals (fields, config->child_proposals);
  fields_u16 (fields, &config->ke_hint);
  fields_flag (fields, &config->want_address4);
  fields_flag (fields, &config->want_address6);
  fields_flag (fields, &config->want_resolvers);
  fields_address (fields, &config->ask_address4);
  fields_address (fields, &config->ask_address6);
  fields_child (fields, &config->child);
  fields_flag (fields, &config->resumption);
  fields_flag (fields, &config->mobike);
  fields_flag (fields, &config->fragmentation);
  fields_flag (fields, &config->fragment_all);
  fields_choice (fields, &config->encap, IKE_ENCAP_ALWAYS);
  fields_size (fields, &config->fragment_size);
  fields_time (fields, &config->ike_lifetime);
  fields_time (fields, &config->ike_rekey_margin);
  fields_time (fields, &config->auth_lifetime);
  fields_flag (fields, &config->reauth);
  fields_time (fields, &config->dpd_delay);
  fields_time (fields, &config->dpd_timeout);
  fields_time (fields, &config->retransmit_timeout);
  fields_time (fields, &config->init_timeout);
  fields_time (fields, &config->natt_keepalive);
  fields_flag (fields, &config->keep_trying);
  fields_u32 (fields, &config->tries);
}

/* ---- inputs ---- */

void
input_kept_clear (InputKept *kept)
{
  g_clear_pointer (&kept->datagram, g_bytes_unref);
  g_clear_pointer (&kept->text, g_free);
}

/* What is only borrowed: a datagram, a text. */
static void
fields_borrowed (Fields *fields, IkeInput *input, InputKept *ret_kept)
{
  InputKept borrowed = { 0 };

  if (fields->out)
    {
      borrowed.text = (char *) input->text;
      if (input->datagram)
        borrowed.datagram = g_bytes_new_static (input->datagram, input->datagram_len);
      fields_bytes (fields, &borrowed.datagram);
      fields_string (fields, &borrowed.text);
      g_clear_pointer (&borrowed.datagram, g_bytes_unref);
      return;
    }
  fields_bytes (fields, &ret_kept->datagram);
  fields_string (fields, &ret_kept->text);
  input->text = ret_kept->text;
  if (ret_kept->datagram)
    input->datagram = g_bytes_get_data (ret_kept->datagram, &input->datagram_len);
  if (ret_kept->datagram && !input->datagram)
    input->datagram = (const guint8 *) ""; /* an empty one is one, too */
}

void
fields_input (Fields *fields, IkeInput *input, gboolean clear, IkeKeKey *key, InputKept *ret_kept)
{
  gboolean has_key = input->key != NULL;
  guint32 error = (guint32) input->kernel_error;

  fields_choice (fields, &input->type, IKE_INPUT_OWN_ADDRESSES);
  fields_u32 (fields, &input->connection);
  fields_u32 (fields, &input->number);
  fields_path (fields, &input->path);
  fields_path (fields, &input->natt_path);
  fields_borrowed (fields, input, ret_kept);
  fields_flag (fields, &input->ok);
  fields_flag (fields, &has_key);
  if (fields->in && has_key)
    input->key = key;
  fields_bytes (fields, &input->bytes);
  fields_secret (fields, &input->secret, clear);
  fields_bytes (fields, &input->status);
  fields_reason (fields, &input->reason);
  fields_address (fields, &input->lease4);
  fields_address (fields, &input->lease6);
  fields_u32 (fields, &input->tls_flags);
  fields_u32 (fields, &error);
  input->kernel_error = (int) error;
  fields_string (fields, &input->kernel_text);
  fields_u32 (fields, &input->spi);
  fields_u16 (fields, &input->cpi);
  fields_u16 (fields, &input->cpus);
  fields_flag (fields, &input->aggfrag);
  fields_flag (fields, &input->hard);
  fields_u64 (fields, &input->traffic_bytes);
  fields_u64 (fields, &input->traffic_packets);
  fields_time (fields, &input->last_use);
}
