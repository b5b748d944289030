/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loaded before NSS (LD_PRELOAD): every digest and MAC is one bit wrong, when BROKEN_NSS is set. */
#include <dlfcn.h>
#include <pk11pub.h>
#include <stdlib.h>

SECStatus
PK11_DigestFinal (PK11Context *context, unsigned char *data, unsigned int *ret_len, unsigned int len)
{
  SECStatus (*real) (PK11Context *, unsigned char *, unsigned int *, unsigned int);
  SECStatus status;

  *(void **) &real = dlsym (RTLD_NEXT, "PK11_DigestFinal");
  status = real (context, data, ret_len, len);
  if (status == SECSuccess && *ret_len > 0 && getenv ("BROKEN_NSS"))
    data[0] ^= 1;
  return status;
}
