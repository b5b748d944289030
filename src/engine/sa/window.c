/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns message ids, the octets of an unanswered request, and the last answers: RFC 7296 sections 2.1 to 2.3. */
#include "sa/window.h"

#define FIRST_INTERVAL (500 * IKE_MILLISECOND)
#define WORN_AGAIN 0x10000u

void
ike_window_clear (IkeWindow *window)
{
  ike_window_forget_answers (window);
}

/* ---- ours ---- */

void
ike_window_sent (IkeWindow *window, IkeRequest *request, GPtrArray *take_datagrams, IkeTime now)
{
  guint32 id = request->datagrams ? request->id : window->next++;

  ike_request_answered (request);
  *request =
      (IkeRequest){ .id = id, .datagrams = take_datagrams, .since = now, .interval = FIRST_INTERVAL, .tries = 1 };
}

void
ike_request_restart (IkeRequest *request)
{
  request->interval = FIRST_INTERVAL;
  request->tries = 1;
  request->steady = request->hurried = 0;
  request->repeated = TRUE;
  request->doubted = FALSE;
}

void
ike_request_hurry (IkeRequest *request, IkeTime interval, guint times)
{
  request->interval = interval;
  request->steady = request->hurried = times;
}

void
ike_window_measure (IkeWindow *window, const IkeRequest *request, IkeTime now)
{
  if (!request->repeated)
    window->rtt = MAX (now - request->since, 1);
}

void
ike_request_answered (IkeRequest *request)
{
  g_clear_pointer (&request->datagrams, g_ptr_array_unref);
  g_clear_pointer (&request->inner, g_bytes_unref);
  request->held = FALSE;
}

IkeTime
ike_request_back_off (IkeRequest *request, IkeTime longest, guint8 jitter)
{
  IkeTime interval = request->interval;

  request->tries++;
  if (request->steady)
    request->steady--;
  else
    request->interval = MIN (interval * 9 / 5, longest);
  return interval + interval / 10 * (jitter - 128) / 128;
}

gboolean
ike_window_is_open (const IkeWindow *window, const IkeRequest *oldest)
{
  if (window->next == G_MAXUINT32)
    return FALSE;
  return !oldest || window->next - oldest->id < MAX (window->permitted, 1);
}

gboolean
ike_window_is_worn (IkeWindow *window, gboolean late)
{
  const guint32 used = MAX (window->next, window->expected);

  if (used < (window->worn ? window->worn : IKE_WINDOW_WORN + (late ? WORN_AGAIN : 0)))
    return FALSE;
  window->worn = used + MIN (WORN_AGAIN, G_MAXUINT32 - used);
  return TRUE;
}

gboolean
ike_window_is_spent (const IkeWindow *window)
{
  return MAX (window->next, window->expected) >= IKE_WINDOW_END;
}

void
ike_window_permit (IkeWindow *window, guint32 size)
{
  window->permitted = (guint8) CLAMP (size, 1, IKE_WINDOW);
}

/* ---- the peer's ---- */

static const IkeAnswer *
find (const IkeWindow *window, guint32 id)
{
  for (guint i = 0; i < window->n_answers; i++)
    if (window->answers[i].id == id)
      return &window->answers[i];
  return NULL;
}

static void
forget (IkeWindow *window, guint i)
{
  g_clear_pointer (&window->answers[i].datagrams, g_ptr_array_unref);
  window->answers[i] = window->answers[--window->n_answers];
}

IkeWindowPlace
ike_window_place (const IkeWindow *window, guint32 id)
{
  const IkeAnswer *answer = find (window, id);

  if (answer)
    return answer->datagrams ? IKE_WINDOW_AGAIN : IKE_WINDOW_OUT;
  if (id < window->expected)
    return IKE_WINDOW_OUT;
  return id - window->expected < MAX (window->size, 1) ? IKE_WINDOW_NEW : IKE_WINDOW_OUT;
}

void
ike_window_respond (IkeWindow *window, guint32 id, GPtrArray *take_datagrams)
{
  guint size = MAX (window->size, 1);

  /* RFC 7296 section 2.3: the answer is remembered until a request comes that the window would not hold beside it */
  for (guint i = window->n_answers; i-- > 0;)
    if (id - window->answers[i].id < G_MAXINT32 && id - window->answers[i].id >= size)
      forget (window, i);
  g_assert (window->n_answers < IKE_WINDOW);
  window->answers[window->n_answers++] = (IkeAnswer){ id, take_datagrams };
  while (window->expected < G_MAXUINT32 && find (window, window->expected))
    window->expected++;
}

GPtrArray *
ike_window_answer (const IkeWindow *window, guint32 id)
{
  const IkeAnswer *answer = find (window, id);

  return answer ? answer->datagrams : NULL;
}

gboolean
ike_window_has_answers (const IkeWindow *window)
{
  for (guint i = 0; i < window->n_answers; i++)
    if (window->answers[i].datagrams)
      return TRUE;
  return FALSE;
}

void
ike_window_forget_answers (IkeWindow *window)
{
  while (window->n_answers)
    forget (window, 0);
}

void
ike_window_renumber (IkeWindow *window, guint32 next, guint32 expected)
{
  window->next = MAX (next, window->next);
  window->expected = MAX (expected, window->expected);
  ike_window_forget_answers (window);
}
