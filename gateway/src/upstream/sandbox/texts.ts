/** Five, seven and five syllables. */
export const HAIKU = `Clocks drift out of step;
nodes agree on one small truth,
and the network heals.`;

/** What "Tell me a long story." gets: long enough to watch it stream. */
export const STORY = `At the far end of the archipelago stood a lighthouse that nobody had built on purpose. It had \
begun as a heap of stones to mark a reef, then somebody put a lantern on the stones, and somebody else put a roof over \
the lantern, and after two hundred years of such small kindnesses it was a lighthouse, and it needed a keeper.

The keeper's name was Marit. Each evening she climbed one hundred and eleven steps, trimmed the wick, and wrote in the \
log what she saw: so many sails, so much wind, the colour of the last light. She had been told to write only what she \
was sure of, and so on foggy nights the entry was simply, "Nothing seen. Lamp lit."

One autumn the fog stayed for nine days. On the third day the bell buoy went silent. On the fifth, the lamp on the \
neighbouring island failed to answer hers. By the seventh Marit had begun to wonder whether there was any sea left \
behind the grey, or any ships upon it, or whether she was keeping a light for no one at all. She lit it anyway. \
"Nothing seen," she wrote. "Lamp lit."

On the ninth night a boat scraped against the landing. In it sat an old fisherman, his grandson, and a very wet dog. \
They had lost their compass in the first storm and their mast in the second, and had rowed for two days towards a \
smudge of light that vanished and came back, vanished and came back, always in the same place.

"We nearly gave you up," said the fisherman, when he had got some soup inside him. "The boy thought we had dreamt you."

"I nearly gave you up as well," said Marit. "I had no proof of you whatsoever."

The grandson, who was seven and disliked loose ends, asked her why she had kept on lighting it, then, if she could see \
that nobody was there.

Marit thought about it while the dog steamed by the stove. "Because I could not see that nobody was there," she said at \
last. "I could only not see that somebody was. Those look alike from up here, but they are two different things, and \
the lamp is for the difference."

In the morning the fog had gone. The sea was exactly where it had always been, blue to the edge of the world and \
crowded with sails. They mended the mast with a spare beam, and the boy was allowed to write the entry in the log. He \
bit the pencil for a long time, and then wrote, in large and careful letters: "Three seen. One is a dog. Lamp lit."`;

/** How every plain answer ends: what this is, and what to do for a real one. */
export const SANDBOX_NOTE =
  "This is ScaiGrid's built-in sandbox: the answer is made inside the gateway and no provider was called. For real " +
  "answers, add a provider: the command `scaigrid providers add` makes one of its models ready in a single step.";
