/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns message ids, the unanswered request and the last answer: RFC 7296 sections 2.1 to 2.3. */
#include "sa/window.h"

#define FIRST_INTERVAL (500 * IKE_MILLISECOND)

void
ike_window_clear (IkeWindow *window)
{
  g_clear_pointer (&window->request, g_ptr_array_unref);
  g_clear_pointer (&window->inner, g_bytes_unref);
  g_clear_pointer (&window->response, g_ptr_array_unref);
}

void
ike_window_sent (IkeWindow *window, GPtrArray *take_datagrams, IkeTime now)
{
  g_clear_pointer (&window->request, g_ptr_array_unref);
  g_clear_pointer (&window->inner, g_bytes_unref);
  window->request = take_datagrams;
  window->since = now;
  window->interval = FIRST_INTERVAL;
  window->tries = 1;
  window->steady = 0;
  window->hurried = window->repeated = window->doubted = FALSE;
}

void
ike_window_restart (IkeWindow *window)
{
  window->interval = FIRST_INTERVAL;
  window->tries = 1;
  window->steady = 0;
  window->repeated = TRUE;
  window->hurried = window->doubted = FALSE;
}

void
ike_window_hurry (IkeWindow *window, IkeTime interval, guint times)
{
  window->hurried = TRUE;
  window->interval = interval;
  window->steady = times;
}

void
ike_window_measure (IkeWindow *window, IkeTime now)
{
  if (!window->repeated)
    window->rtt = MAX (now - window->since, 1);
}

gboolean
ike_window_awaits (const IkeWindow *window, guint32 id)
{
  return window->request && id == window->next;
}

void
ike_window_answered (IkeWindow *window)
{
  g_clear_pointer (&window->request, g_ptr_array_unref);
  g_clear_pointer (&window->inner, g_bytes_unref);
  window->next++;
}

IkeTime
ike_window_back_off (IkeWindow *window, IkeTime longest, guint8 jitter)
{
  IkeTime interval = window->interval;

  window->tries++;
  if (window->steady)
    window->steady--;
  else
    window->interval = MIN (interval * 9 / 5, longest);
  return interval + interval / 10 * (jitter - 128) / 128;
}

IkeWindowPlace
ike_window_place (const IkeWindow *window, guint32 id)
{
  if (id == window->expected)
    return IKE_WINDOW_NEW;
  /* RFC 7296 section 2.1: the answer is remembered until a newer request comes */
  if (window->response && id == window->expected - 1)
    return IKE_WINDOW_AGAIN;
  return IKE_WINDOW_OUT;
}

void
ike_window_respond (IkeWindow *window, GPtrArray *take_datagrams)
{
  g_clear_pointer (&window->response, g_ptr_array_unref);
  window->response = take_datagrams;
  window->expected++;
}

void
ike_window_renumber (IkeWindow *window, guint32 next, guint32 expected)
{
  /* one more than the highest that was used */
  window->next = MAX (next, window->next + (window->request ? 1 : 0));
  window->expected = MAX (expected, window->expected);
  g_clear_pointer (&window->response, g_ptr_array_unref);
}
