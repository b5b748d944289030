/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns the answer to one question, which must not change while a process lives. */
#include "nss-fips.h"

#include <fcntl.h>
#include <unistd.h>

#define KERNEL_FLAG "/proc/sys/crypto/fips_enabled"
#define PRODUCT_FILE "/etc/system-fips"

gboolean
nss_fips_kernel (void)
{
  char flag = '0';
  int fd = open (KERNEL_FLAG, O_RDONLY | O_CLOEXEC);

  /* a kernel without the flag cannot be in this mode */
  if (fd < 0)
    return FALSE;
  if (read (fd, &flag, 1) != 1)
    flag = '0';
  close (fd);
  return flag == '1';
}

gboolean
nss_fips_product (void)
{
  return access (PRODUCT_FILE, F_OK) == 0;
}

gboolean
nss_fips_forced (void)
{
  return g_strcmp0 (g_getenv (NSS_FIPS_VARIABLE), "1") == 0;
}

gboolean
nss_fips_mode (void)
{
  static gsize once;
  static gboolean mode;

  if (g_once_init_enter (&once))
    {
      mode = nss_fips_kernel () || nss_fips_forced ();
      g_once_init_leave (&once, 1);
    }
  return mode;
}
