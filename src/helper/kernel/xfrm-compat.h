/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's XFRM interface, and what is newer than the headers of Linux 6.1. */
#pragma once

#include <netinet/in.h> /* before linux/xfrm.h: both know struct in6_addr */

#include <linux/netlink.h>
#include <linux/xfrm.h>

#define XFRMA_SA_DIR 33 /* Linux 6.10: u8 */
#define XFRM_SA_DIR_IN 1
#define XFRM_SA_DIR_OUT 2

#define XFRMA_SA_PCPU 35 /* Linux 6.13: u32, the processor whose packets an outbound SA is for; RFC 9611 */

/* Linux 6.14: IP-TFS, RFC 9347 */
#define XFRM_MODE_IPTFS 5
#define XFRMA_IPTFS_DROP_TIME 36 /* u32 */
#define XFRMA_IPTFS_REORDER_WINDOW 37 /* u16 */
#define XFRMA_IPTFS_DONT_FRAG 38 /* a flag */
#define XFRMA_IPTFS_INIT_DELAY 39 /* u32 */
#define XFRMA_IPTFS_MAX_QSIZE 40 /* u32 */
#define XFRMA_IPTFS_PKT_SIZE 41 /* u32 */

#define XFRM_OFFLOAD_PACKET 4 /* Linux 6.2: with the policies, all that IPsec does to a packet */

#ifndef UDP_ENCAP
# define UDP_ENCAP 100
#endif
#ifndef UDP_ENCAP_ESPINUDP
# define UDP_ENCAP_ESPINUDP 2
#endif
#ifndef TCP_ENCAP_ESPINTCP
# define TCP_ENCAP_ESPINTCP 7
#endif
