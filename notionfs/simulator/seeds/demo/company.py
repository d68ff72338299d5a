"""Company-wide pages: the home page and what hangs off it."""

from notionfs.simulator.seeds.demo.planting import Text

PAGES = {
    "Company Home": Text(
        """
<callout icon="👋" color="blue_bg">
Welcome to **Acme**. This page is the front door: everything else is two clicks away. If something
is
missing, ask in *#help* and then write it down here.
</callout>

## Start here

- New this week? [[People/Onboarding Checklist]] takes you through your first ten days.
- Building something? The [[Engineering/Wiki]] says how we work.
- Wondering why? [[Product/Roadmap 2026]] has the reasons.

<columns>
<column ratio="60">
### This quarter

1. Ship the new sync engine to every customer.
2. Bring the median support answer below four hours.
3. Hire two engineers and a designer.

</column>
<column ratio="40">
### Always useful

- [Status page](https://status.example.com)
- [Brand assets](https://brand.example.com)
- People to ask: @{Grace Hopper} and @{Mary Somerville}

<page>Team Calendar</page>

</column>
</columns>

---

> We are what we repeatedly ship. Quality, then, is not an act but a habit.
""",
        icon="🏠",
        cover="https://images.example.com/acme/cover-mountains.jpg",
        by="Grace Hopper",
    ),
    "Company Home/Values": Text(
        """
Four sentences we try to live by. They are short so that people can disagree with them.

### Write it down

A decision that is not written down will be made again, worse, by somebody who was not there.

### Small steps, every day

Large changes are a series of small ones that each work. If a step cannot be undone, make it
smaller.

### Own the outcome

Whoever starts something looks after it until it works *for the customer*, not until it is merged.

### Be kind, be clear

Both at once. One without the other is either noise or harm.
""",
        icon="⭐",
        by="Grace Hopper",
    ),
    "Company Home/Holidays and Office Hours": Text(
        """
The office is open from **08:00 to 19:00**, Monday to Friday. Core hours are 10:00 to 15:00.

| Day | Date | Office |
| --- | --- | --- |
| New Year's Day | <date start="2026-01-01" /> | closed |
| Good Friday | <date start="2026-04-03" /> | closed |
| Easter Monday | <date start="2026-04-06" /> | closed |
| Labour Day | <date start="2026-05-01" /> | closed |
| Summer day out | <date start="2026-07-10" /> | half day |
| Christmas break | <date start="2026-12-24" end="2026-12-31" /> | closed |

Support works on all of these days except the first and the last; see [[Engineering/Wiki/On-Call]].
""",
        icon="🗓️",
        by="Mary Somerville",
    ),
    "Company Home/Press Kit": Text(
        """
Everything a journalist needs. Please do not recolour the logo.

![The Acme logo on white](https://images.example.com/acme/logo-light.png)

![The Acme logo on black](https://images.example.com/acme/logo-dark.png)

**About Acme.** Acme makes tools that keep documents in step across devices. Founded in 2019, it
serves
eleven thousand teams in forty countries.

Contact: [press@example.com](mailto:press@example.com)
""",
        icon="📰",
        by="Mary Somerville",
    ),
}

LATER = {
    "Company Home/Decisions": Text(
        """
The ones we keep being asked about. Newest first.

<toggle>
**We store times in UTC and show them in the reader's zone** (<date start="2026-02-11" />)

Proposed by @{Alan Turing}. Three bugs in two months came from the opposite. See also
[[Engineering/Wiki/Architecture/Sync Protocol]].

</toggle>

<toggle>
**Prices are per team, not per seat** (<date start="2025-11-20" />)

People invite fewer colleagues when each costs money, and a document tool without colleagues is a
notepad.
The numbers are in [[Product/Pricing]].

</toggle>

<toggle>
**No meetings on Wednesdays** (<date start="2025-06-04" />)

Tried for a month, kept for good.

</toggle>
""",
        icon="⚖️",
        by="Bob Babbage",
    ),
}
