"""People: the handbook, and how we welcome and part."""

from notionfs.simulator.seeds.demo.planting import Text

PAGES = {
    "People": Text(
        """
Questions that have nothing to do with code. Ask @{Mary Somerville} about contracts, @{Grace
Hopper} about
everything else.
""",
        icon="🌱",
        by="Grace Hopper",
    ),
    "People/Employee Handbook": Text(
        """
<callout icon="📌" color="yellow_bg">
This page wins over what somebody told you. If it is wrong, say so and we change the page.
</callout>

## Working time

Thirty-eight hours a week, on average over a quarter. Write nothing down unless you want to.

## Working place

Home, office, or a train. Meetings are remote if one person is.

## Equipment

A laptop of your choice every three years, a chair once, headphones whenever they break.

## Expenses

Below **€200**: buy it, send the receipt. Above: ask first, the answer is usually yes.
""",
        icon="📘",
        by="Grace Hopper",
    ),
    "People/Onboarding Checklist": Text(
        """
Copy this page below your name and tick as you go.

### Day one

- [ ] Laptop, key card, coffee
- [ ] Lunch with your buddy
- [ ] Say hello in *#general*

### First week

- [ ] Read [[Engineering/Wiki]] or [[Product/Personas]], whichever is nearer to your work
- [ ] Sit next to support for an afternoon
- [ ] Ship something tiny

### First month

- [ ] Shadow one on-call week
- [ ] Tell us three things that surprised you
    - They need not be nice
    - They need not be new
""",
        icon="✅",
        by="Mary Somerville",
    ),
    "People/Time Off": Text(
        """
**Thirty days**, and you must take at least twenty of them. Put them into the calendar, tell your
team, done.

- Ill? Stay in bed. A note from a doctor from the fourth day on.
- Parents: sixteen weeks, whoever you are.
- A month unpaid after three years. Two people took it and both came back.
""",
        icon="🏖️",
        by="Mary Somerville",
    ),
    "People/Interviewing": Text(
        """
Four conversations, one week, always an answer.

1. **Hello** (30 min): what do you want to do next?
2. **Work together** (90 min): a real, small bug. With search engine and tea.
3. **The other side** (45 min): you interview us.
4. **Offer** or a reason.

Score on a scale of 1 to 4; there is no 2.5. Write your notes *before* you hear those of others.
""",
        icon="🤝",
        by="Grace Hopper",
    ),
}

LATER = {
    "People/Leaving": Text(
        """
Sad, and normal. We want it to be easy.

- Tell us when you are ready; a month is plenty.
- Your last day is for goodbyes, not for documentation.
- You stay welcome at the summer day out, <date start="2026-07-10" />.
""",
        icon="👋",
        by="Mary Somerville",
    ),
}
