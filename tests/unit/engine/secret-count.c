/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Linked with -Wl,--wrap=ike_secret_new,--wrap=ike_secret_free: every call of any object file comes through here. */
#include "secret-count.h"

#include "base/secret.h"

IkeSecret *__real_ike_secret_new (gsize len);
void __real_ike_secret_free (IkeSecret *secret);
IkeSecret *__wrap_ike_secret_new (gsize len);
void __wrap_ike_secret_free (IkeSecret *secret);

static gint live, total; /* atomic: crypto jobs may run in threads */

IkeSecret *
__wrap_ike_secret_new (gsize len)
{
  g_atomic_int_inc (&live);
  g_atomic_int_inc (&total);
  return __real_ike_secret_new (len);
}

void
__wrap_ike_secret_free (IkeSecret *secret)
{
  if (secret)
    g_atomic_int_add (&live, -1);
  __real_ike_secret_free (secret);
}

gint
secret_count_live (void)
{
  return g_atomic_int_get (&live);
}

gint
secret_count_total (void)
{
  return g_atomic_int_get (&total);
}
