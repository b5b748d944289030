/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim-kernel.h"

#include "sa/label.h"
#include "sa/select.h"
#include "wire/payload-ts.h"

#include <errno.h>
#include <string.h>

static void
sa_free (gpointer data)
{
  SimSa *sa = data;

  ike_secret_free (sa->encr);
  ike_secret_free (sa->integ);
  g_clear_pointer (&sa->label, g_bytes_unref);
  g_free (sa);
}

static void
policy_free (gpointer data)
{
  SimPolicy *policy = data;

  g_array_unref (policy->local_ts);
  g_array_unref (policy->remote_ts);
  g_array_unref (policy->pairs);
  g_clear_pointer (&policy->label, g_bytes_unref);
  g_free (policy);
}

void
sim_kernel_init (SimKernel *kernel)
{
  kernel->sas = g_ptr_array_new_with_free_func (sa_free);
  kernel->policies = g_ptr_array_new_with_free_func (policy_free);
  kernel->cpus = 4;
}

void
sim_kernel_clear (SimKernel *kernel)
{
  g_ptr_array_unref (kernel->sas);
  g_ptr_array_unref (kernel->policies);
}

const SimPolicy *
sim_kernel_policy_for (const SimKernel *kernel, const char *remote)
{
  for (guint i = 0; i < kernel->policies->len; i++)
    {
      const SimPolicy *policy = kernel->policies->pdata[i];

      for (guint j = 0; j < policy->pairs->len; j++)
        {
          g_autofree char *text = ike_selector_to_string (&g_array_index (policy->pairs, SimPair, j).remote);

          if (strcmp (text, remote) == 0)
            return policy;
        }
    }
  return NULL;
}

static gboolean
has_policies (const SimKernel *kernel, const SimSa *out)
{
  for (guint i = 0; i < kernel->policies->len; i++)
    {
      const SimPolicy *policy = kernel->policies->pdata[i];

      if (policy->slot == out->slot)
        return policy->pairs->len == policy->local_ts->len * policy->remote_ts->len &&
               !policy->transport == !out->transport && !policy->ipcomp == !out->cpi &&
               !policy->aggfrag == !out->aggfrag;
    }
  return FALSE;
}

gboolean
sim_kernel_is_whole (const SimKernel *kernel)
{
  for (guint i = 0; i < kernel->sas->len; i++)
    if (((const SimSa *) kernel->sas->pdata[i])->out && !has_policies (kernel, kernel->sas->pdata[i]))
      return FALSE;
  return TRUE;
}

SimSa *
sim_kernel_find (const SimKernel *kernel, guint32 spi, gboolean out)
{
  for (guint i = 0; i < kernel->sas->len; i++)
    {
      SimSa *sa = kernel->sas->pdata[i];

      if (sa->spi == spi && !sa->out == !out)
        return sa;
    }
  return NULL;
}

SimSa *
sim_kernel_outbound (const SimKernel *kernel)
{
  SimSa *newest = NULL;

  for (guint i = 0; i < kernel->sas->len; i++)
    {
      SimSa *sa = kernel->sas->pdata[i];

      if (sa->out && (!newest || sa->order > newest->order))
        newest = sa;
    }
  return newest;
}

SimSa *
sim_kernel_of_cpu (const SimKernel *kernel, guint16 cpu)
{
  SimSa *newest = NULL;

  for (guint i = 0; i < kernel->sas->len; i++)
    {
      SimSa *sa = kernel->sas->pdata[i];

      if (sa->out && sa->cpu == cpu && (!newest || sa->order > newest->order))
        newest = sa;
    }
  return newest;
}

static gboolean
is_in (const IkeSelector *selector, const IkeAddress *address)
{
  return selector->first.family == address->family &&
         memcmp (address->bytes, selector->first.bytes, sizeof address->bytes) >= 0 &&
         memcmp (address->bytes, selector->last.bytes, sizeof address->bytes) <= 0;
}

SimFate
sim_kernel_fate (const SimKernel *kernel, const IkeAddress *from, const IkeAddress *to, SimSa **ret_sa)
{
  SimFate fate = SIM_FATE_CLEAR;
  SimSa *newest = NULL;

  for (guint i = 0; i < kernel->policies->len; i++)
    {
      const SimPolicy *policy = kernel->policies->pdata[i];
      gboolean matches = FALSE;

      for (guint j = 0; !matches && j < policy->pairs->len; j++)
        matches = is_in (&g_array_index (policy->pairs, SimPair, j).local, from) &&
                  is_in (&g_array_index (policy->pairs, SimPair, j).remote, to);
      if (!matches || policy->rule != IKE_RULE_TUNNEL)
        continue;
      fate = MAX (fate, SIM_FATE_HELD);
      for (guint j = 0; j < kernel->sas->len; j++)
        {
          SimSa *sa = kernel->sas->pdata[j];

          if (sa->out && !sa->cpu && sa->slot == policy->slot && (!newest || sa->order > newest->order))
            newest = sa;
        }
    }
  if (ret_sa)
    *ret_sa = newest;
  return newest ? SIM_FATE_ENCRYPTED : fate;
}

guint
sim_kernel_count (const SimKernel *kernel, gboolean out)
{
  guint n = 0;

  for (guint i = 0; i < kernel->sas->len; i++)
    n += !((SimSa *) kernel->sas->pdata[i])->larval && !((SimSa *) kernel->sas->pdata[i])->out == !out;
  return n;
}

guint
sim_kernel_larval (const SimKernel *kernel)
{
  guint n = 0;

  for (guint i = 0; i < kernel->sas->len; i++)
    n += ((SimSa *) kernel->sas->pdata[i])->larval;
  return n;
}

void
sim_kernel_remove (SimKernel *kernel, SimSa *sa)
{
  g_ptr_array_remove (kernel->sas, sa);
}

SimLimit
sim_sa_count (SimSa *sa, guint64 bytes, guint64 packets)
{
  gboolean soft = !sa->dying && ((sa->soft_bytes && sa->bytes >= sa->soft_bytes) ||
                                 (sa->soft_packets && sa->packets >= sa->soft_packets));

  if ((sa->hard_bytes && sa->bytes >= sa->hard_bytes) || (sa->hard_packets && sa->packets >= sa->hard_packets))
    return SIM_LIMIT_HARD;
  sa->bytes += bytes;
  sa->packets += packets;
  sa->dying |= soft;
  return soft ? SIM_LIMIT_SOFT : SIM_LIMIT_NONE;
}

gboolean
sim_sa_matches (const SimSa *out, const SimSa *in)
{
  return out->spi == in->spi && ike_secret_equal (out->encr, in->encr) && ike_secret_equal (out->integ, in->integ) &&
         out->encr_id == in->encr_id && out->encr_bits == in->encr_bits && out->integ_id == in->integ_id &&
         !out->esn == !in->esn && !out->encap == !in->encap && out->cpi == in->cpi && !out->aggfrag == !in->aggfrag &&
         !out->transport == !in->transport && ike_label_equal (out->label, in->label);
}

static SimSa *
sa_new (SimKernel *kernel, const IkeKernelRequest *request, guint32 spi, gboolean out)
{
  SimSa *sa = g_new0 (SimSa, 1);

  sa->spi = spi;
  sa->out = out;
  sa->child = request->child;
  sa->slot = request->slot;
  g_ptr_array_add (kernel->sas, sa);
  return sa;
}

static void
sa_fill (SimKernel *kernel, SimSa *sa, const IkeKernelRequest *request)
{
  g_assert (sa->out ? request->encr_out != NULL : request->encr_in != NULL);
  sa->larval = FALSE;
  sa->slot = request->slot; /* which may have been found after its SPI */
  sa->encr = ike_secret_copy (sa->out ? request->encr_out : request->encr_in);
  sa->integ = ike_secret_copy (sa->out ? request->integ_out : request->integ_in);
  sa->encr_id = request->encr;
  sa->encr_bits = request->encr_bits;
  sa->integ_id = request->integ;
  sa->esn = request->esn;
  sa->encap = request->encap;
  /* an inbound one has the number that was reserved with it, or none */
  g_assert (!request->cpi_in == !request->cpi_out && (sa->out || !request->cpi_in || sa->cpi == request->cpi_in));
  sa->cpi = sa->out ? request->cpi_out : request->cpi_in;
  sa->aggfrag = request->aggfrag;
  sa->whole = sa->out && request->aggfrag_whole;
  g_assert (!sa->aggfrag || (!request->tfc && !request->cpi_in && !request->transport_mode && !kernel->no_aggfrag));
  g_assert (request->cpu <= kernel->cpus);
  sa->cpu = sa->out ? request->cpu : 0;
  sa->tfc = sa->out && request->tfc;
  g_assert (!sa->tfc || (!sa->cpi && !request->transport_mode));
  sa->path = request->path;
  sa->order = ++kernel->order;
  sa->hard_lifetime = (guint64) request->hard_lifetime;
  sa->transport = request->transport_mode;
  sa->replay_window = sa->out ? 0 : request->replay_window;
  sa->soft_bytes = request->soft_bytes;
  sa->hard_bytes = request->hard_bytes;
  sa->soft_packets = request->soft_packets;
  sa->hard_packets = request->hard_packets;
  sa->label = request->label ? g_bytes_ref (request->label) : NULL;
  g_assert (request->local_ts->len && request->remote_ts->len);
  sa->local = g_array_index (request->local_ts, IkeSelector, 0);
  sa->remote = g_array_index (request->remote_ts, IkeSelector, 0);
}

/* The helper refuses what would have another slot's reqid. */
static gboolean
has_room (const SimKernel *kernel, const IkeKernelRequest *request)
{
  return kernel->many_slots || request->slot <= IKE_MAX_SLOTS;
}

static gboolean
is_among (IkeSelector *selector, const GArray *ts)
{
  const GArray one = { (char *) selector, 1 };

  return ike_select_among (&one, ts);
}

/* As a whole to another policy of its slot; pair by pair to any for the same packets. */
static gboolean
policy_gives_way (SimPolicy *policy, const IkeKernelRequest *request)
{
  if (policy->slot == request->slot)
    return TRUE;
  if (policy->rule != request->rule || !ike_label_equal (policy->label, request->label))
    return FALSE;
  for (guint i = policy->pairs->len; i-- > 0;)
    {
      SimPair *pair = &g_array_index (policy->pairs, SimPair, i);

      if (is_among (&pair->local, request->local_ts) && is_among (&pair->remote, request->remote_ts))
        g_array_remove_index (policy->pairs, i);
    }
  return policy->pairs->len == 0;
}

static GArray *
pairs_new (const IkeKernelRequest *request)
{
  GArray *pairs = g_array_new (FALSE, FALSE, sizeof (SimPair));

  for (guint i = 0; i < request->local_ts->len; i++)
    for (guint j = 0; j < request->remote_ts->len; j++)
      {
        const SimPair pair = { g_array_index (request->local_ts, IkeSelector, i),
                               g_array_index (request->remote_ts, IkeSelector, j) };

        g_array_append_val (pairs, pair);
      }
  return pairs;
}

static int
install (SimKernel *kernel, const IkeKernelRequest *request)
{
  SimSa *in = sim_kernel_find (kernel, request->spi_in, FALSE);
  SimPolicy *policy;

  kernel->installs++;
  if (kernel->refuse_install)
    return kernel->refuse_install;
  if (!has_room (kernel, request))
    return EINVAL;
  g_assert (request->parts);
  if (request->parts & IKE_SA_IN)
    {
      g_assert (in && in->larval && in->child == request->child);
      sa_fill (kernel, in, request);
    }
  if (request->parts & IKE_SA_OUT)
    {
      g_assert (request->spi_out && !sim_kernel_find (kernel, request->spi_out, TRUE));
      sa_fill (kernel, sa_new (kernel, request, request->spi_out, TRUE), request);
    }
  if (request->parts & IKE_SA_POLICIES)
    {
      g_assert (request->local_ts->len && request->remote_ts->len);
      for (guint i = kernel->policies->len; i-- > 0;)
        if (policy_gives_way (kernel->policies->pdata[i], request))
          g_ptr_array_remove_index (kernel->policies, i);
      policy = g_new0 (SimPolicy, 1);
      policy->child = request->child;
      policy->slot = request->slot;
      policy->rule = request->rule;
      policy->ipcomp = request->cpi_in != 0;
      policy->aggfrag = request->aggfrag;
      policy->transport = request->transport_mode;
      policy->path = request->path;
      policy->local_ts = g_array_copy (request->local_ts);
      policy->remote_ts = g_array_copy (request->remote_ts);
      policy->pairs = pairs_new (request);
      policy->label = request->label ? g_bytes_ref (request->label) : NULL;
      g_ptr_array_add (kernel->policies, policy);
    }
  return 0;
}

static void
remove_parts (SimKernel *kernel, const IkeKernelRequest *request)
{
  kernel->deletes++;
  for (guint i = kernel->sas->len; i-- > 0;)
    {
      SimSa *sa = kernel->sas->pdata[i];

      if ((request->parts & IKE_SA_IN && !sa->out && sa->spi == request->spi_in) ||
          (request->parts & IKE_SA_OUT && sa->out && sa->spi == request->spi_out))
        g_ptr_array_remove_index (kernel->sas, i);
    }
  for (guint i = kernel->policies->len; request->parts & IKE_SA_POLICIES && i-- > 0;)
    if (((SimPolicy *) kernel->policies->pdata[i])->slot == request->slot)
      g_ptr_array_remove_index (kernel->policies, i);
}

/* All halves that are named are there, or none is moved. */
static int
update (SimKernel *kernel, const IkeKernelRequest *request)
{
  SimSa *halves[] = { request->parts & IKE_SA_IN ? sim_kernel_find (kernel, request->spi_in, FALSE) : NULL,
                      request->parts & IKE_SA_OUT ? sim_kernel_find (kernel, request->spi_out, TRUE) : NULL };

  kernel->updates++;
  if (kernel->refuse_update)
    return kernel->refuse_update;
  if ((request->parts & IKE_SA_IN && (!halves[0] || halves[0]->larval)) || (request->parts & IKE_SA_OUT && !halves[1]))
    return ESRCH;
  for (guint i = 0; i < G_N_ELEMENTS (halves); i++)
    if (halves[i])
      {
        halves[i]->path = request->path;
        halves[i]->encap = request->encap;
      }
  for (guint i = 0; i < kernel->policies->len; i++)
    if (((SimPolicy *) kernel->policies->pdata[i])->slot == request->slot)
      ((SimPolicy *) kernel->policies->pdata[i])->path = request->path;
  return 0;
}

gboolean
sim_kernel_do (SimKernel *kernel, GRand *rand, const IkeKernelRequest *request, IkeInput *ret_answer)
{
  gboolean out;
  SimSa *in;
  const SimSa *asked;

  ret_answer->type = IKE_INPUT_KERNEL;
  switch (request->op)
    {
    case IKE_KERNEL_ALLOC_SPI:
      ret_answer->kernel_error = has_room (kernel, request) ? kernel->refuse_spi : EINVAL;
      if (ret_answer->kernel_error)
        return TRUE;
      ret_answer->spi = kernel->next_spi;
      kernel->next_spi = 0;
      while (!ret_answer->spi || sim_kernel_find (kernel, ret_answer->spi, FALSE))
        ret_answer->spi = g_rand_int (rand) | 0x100;
      if (request->ipcomp && !kernel->no_ipcomp)
        ret_answer->cpi = (guint16) g_rand_int_range (rand, 256, 61440);
      ret_answer->aggfrag = request->aggfrag && !kernel->no_aggfrag;
      ret_answer->cpus = request->per_cpu ? kernel->cpus : 0;
      in = sa_new (kernel, request, ret_answer->spi, FALSE);
      in->larval = TRUE;
      in->cpi = ret_answer->cpi;
      return TRUE;
    case IKE_KERNEL_INSTALL:
      ret_answer->kernel_error = install (kernel, request);
      return TRUE;
    case IKE_KERNEL_UPDATE:
      ret_answer->kernel_error = update (kernel, request);
      return TRUE;
    case IKE_KERNEL_DELETE:
      remove_parts (kernel, request);
      return FALSE;
    case IKE_KERNEL_QUERY:
      kernel->queries++;
      out = request->parts == IKE_SA_OUT;
      asked = sim_kernel_find (kernel, out ? request->spi_out : request->spi_in, out);
      ret_answer->kernel_error = asked ? 0 : ESRCH;
      ret_answer->traffic_bytes = (out ? kernel->bytes_out : kernel->bytes_in) + (asked ? asked->traffic : 0);
      return TRUE;
    }
  g_assert_not_reached ();
}
