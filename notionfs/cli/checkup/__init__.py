"""What `notionfs doctor` looks at: this machine, the local stores, and Notion's side."""
