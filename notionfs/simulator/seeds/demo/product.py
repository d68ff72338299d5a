"""Product: where we are going, for whom, and what they told us."""

from notionfs.simulator.seeds.demo.planting import Text

PAGES = {
    "Product": Text(
        """
We decide **what** and **why**; [[Engineering]] decides how. Requests from customers are in the
table below.

<callout icon="🧭" color="green_bg">
One sentence: *your documents are files again, everywhere, all the time.*
</callout>
""",
        icon="🧭",
        by="Mary Somerville",
    ),
    "Product/Roadmap 2026": Text(
        """
## Now

- **Sync engine 2**: offline edits that merge by themselves
- **Mobile editor**: reading was the easy half

## Next

- **Plain text export**, see [[Engineering/Wiki/RFCs/RFC 3 Plain text export]]
- **Audit log** for teams that must have one

## Later

- Comments by e-mail
- <span color="gray">A desktop widget, maybe</span>

## Not at all

~~A built-in chat~~. There are enough of them.
""",
        icon="🗺️",
        by="Mary Somerville",
    ),
    "Product/Personas": Text(
        """
### Priya, team lead

Has eleven open documents and four minutes. Wants to know *what changed since yesterday*.

### Tomas, consultant

Works on trains. Judges us in tunnels.

### Wen, administrator

Never writes a document. Needs to know who can read which, and to prove it.
""",
        icon="🎭",
        by="Mary Somerville",
    ),
    "Product/Pricing": Text(
        """
| Plan | Price | Teams | Storage |
| --- | ---: | --- | --- |
| Free | €0 | 1 | 1 GB |
| Team | €40 a month | 1 | 100 GB |
| Company | €400 a month | unlimited | 2 TB |

Prices are per team. Somebody asks for prices per seat every month; the answer is in [[Company
Home/Decisions]].
""",
        icon="💶",
        by="Grace Hopper",
    ),
    "Product/Customer Interviews": Text(
        """
Half an hour, three questions, no slides. Notes go up the same day.

1. What did you do the last time it went wrong?
2. What would you miss if we were gone tomorrow?
3. What should we have asked?
""",
        icon="🎙️",
        by="Mary Somerville",
    ),
    "Product/Customer Interviews/Harbour Logistics": Text(
        """
*<date start="2026-04-14" />, with their head of operations.*

> We print the loading plan because the app is not there when the ship is.

- Forty people, one document, **no network on the quay**
- Conflicts are fine "as long as it does not swallow mine"
- Would pay for an audit log today
""",
        by="Mary Somerville",
    ),
    "Product/Customer Interviews/North School": Text(
        """
*<date start="2026-04-22" />, with two teachers.*

- Pupils share devices; signing in takes longer than the lesson plan
- Love the templates, hate the search
- Asked three times whether they can get *everything* out as files
""",
        by="Mary Somerville",
    ),
    "Product/Customer Interviews/Studio Lumen": Text(
        """
*<date start="2026-05-06" />, with the founder.*

Uses us for shot lists. Ninety images on one page, and it works, "but the second laptop gets warm".

- [ ] Send them the build with lazy images
- [x] Thank-you note
""",
        by="Grace Hopper",
    ),
}

LATER = {
    "Product/Metrics": Text(
        """
Numbers we look at on Mondays, and nothing else.

- **Median time to sync**: $t_{50} = 0.8\\,s$, goal $0.5\\,s$
- **Conflicts per thousand saves**: 1.9, goal below 1
- **Teams active in four of five days**: 71 %

The chart is on the [dashboard](https://dashboards.example.com/weekly).
""",
        icon="📈",
        by="Mary Somerville",
    ),
}
