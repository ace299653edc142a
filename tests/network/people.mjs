// tests/network/people.mjs
//
// Made-up people: names in many scripts, bios, and the handles such people take. Nobody here exists.
//
// Everything comes from one seeded generator, so a seed gives the same people in the same order on every machine.
// A name is a pair: as its owner writes it, and in Latin letters as it turns up in handles.

// mulberry32: 32 bits of state, good enough to shuffle test data, the same everywhere.
export function makeRandom(seed) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const below = (n) => Math.floor(next() * n)
  const pick = (items) => items[below(items.length)]
  const shuffle = (items) => {
    const copy = [...items]
    for (let i = copy.length - 1; i > 0; i--) {
      const j = below(i + 1)
      ;[copy[i], copy[j]] = [copy[j], copy[i]]
    }
    return copy
  }
  return { next, below, pick, shuffle }
}

const words = (text) =>
  text.split(' ').map((word) => {
    const [written, latin] = word.split(':')
    return { written, latin: (latin ?? written).normalize('NFD').replace(/[^A-Za-z]/g, '') }
  })

// `familyFirst`: how the name is written; `gap`: what stands between its parts.
const CULTURES = [
  {
    given: words('Amara Chidi Ngozi Tunde Folake Emeka Zainab Kelechi'),
    family: words('Okafor Adeyemi Balogun Eze Nwosu Afolabi Danjuma Obi'),
  },
  {
    given: words('Inês Tomás Beatriz Gonçalo Matilde Rui Leonor Duarte'),
    family: words('Figueiredo Quintela Sardinha Brandão Alvarenga Vilhena Moutinho Sequeira'),
  },
  {
    given: words('Maëlle Loïc Solène Gaspard Éloïse Théo Noémie Bastien'),
    family: words('Kervella Baudouin Lachaume Fontenoy Desrosiers Marchandeau Vauquelin Tisserand'),
  },
  {
    given: words('Saoirse Fionn Aoife Cormac Niamh Oisín Gráinne Tadhg'),
    family: words('Mulqueen Tierney Scanlon Garvey Lavelle Hanratty Devane Cusack'),
  },
  {
    given: words('Hedda Jørgen:Jorgen Åse:Aase Vidar Sigrid Håkon:Haakon Tuva Eirik'),
    family: words('Lindqvist Bakken Halvorsen Nygård:Nygaard Solheim Wikström:Wikstrom Ekdahl Rønning:Ronning'),
  },
  {
    given: words('Дарина:Daryna Остап:Ostap Мирослава:Myroslava Тарас:Taras Соломія:Solomiya Левко:Levko'),
    family: words('Коваленко:Kovalenko Бережна:Berezhna Шевчук:Shevchuk Гайдай:Haidai Лисенко:Lysenko Дорош:Dorosh'),
  },
  {
    given: words('Ελένη:Eleni Νίκος:Nikos Δέσποινα:Despina Στέλιος:Stelios Ιωάννα:Ioanna Θανάσης:Thanasis'),
    family: words('Καραγιάννη:Karagianni Ζαχαρίου:Zachariou Μαυρίδη:Mavridi Φωτίου:Fotiou Δρακάκη:Drakaki'),
  },
  {
    given: words('ليلى:Layla يوسف:Youssef نور:Nour سامي:Sami هناء:Hanaa كريم:Karim'),
    family: words('الحداد:Haddad منصور:Mansour الخطيب:Khatib زيدان:Zidan شاهين:Shahin نجار:Najjar'),
  },
  {
    given: words('אביגיל:Avigail נועם:Noam תמר:Tamar איתן:Eitan מיכל:Michal'),
    family: words('ברזילי:Barzilay שחר:Shachar אלמוג:Almog פלדמן:Feldman גלעד:Gilad'),
  },
  {
    given: words('अनन्या:Ananya रोहन:Rohan मीरा:Meera अर्जुन:Arjun कविता:Kavita विवेक:Vivek'),
    family: words('देशमुख:Deshmukh कुलकर्णी:Kulkarni त्रिपाठी:Tripathi चौहान:Chauhan सक्सेना:Saxena'),
  },
  {
    given: words('陽菜:Hina 蓮:Ren 結衣:Yui 颯太:Sota 美咲:Misaki 悠真:Yuma'),
    family: words('小鳥遊:Takanashi 五十嵐:Igarashi 白石:Shiraishi 長谷川:Hasegawa 黒崎:Kurosaki 水野:Mizuno'),
    familyFirst: true,
    gap: ' ',
  },
  {
    given: words('서연:Seoyeon 민준:Minjun 하은:Haeun 도윤:Doyun 지우:Jiwoo'),
    family: words('남궁:Namgung 황보:Hwangbo 배:Bae 노:Noh 선우:Sunwoo'),
    familyFirst: true,
    gap: '',
  },
  {
    given: words('晓雯:Xiaowen 子豪:Zihao 雨桐:Yutong 嘉怡:Jiayi 明哲:Mingzhe'),
    family: words('欧阳:Ouyang 司徒:Situ 诸葛:Zhuge 慕容:Murong 夏侯:Xiahou'),
    familyFirst: true,
    gap: '',
  },
  {
    given: words('ნინო:Nino თამარ:Tamari გიორგი:Giorgi ქეთევან:Ketevan ლევან:Levan'),
    family: words('ბერიძე:Beridze კაპანაძე:Kapanadze ლომიძე:Lomidze ჯაფარიძე:Japaridze'),
  },
  {
    given: words('Thandiwe Sipho Nomvula Bongani Zanele Mandla Lindiwe'),
    family: words('Mokoena Ndaba Khumalo Sithole Radebe Mabuza Dlamini'),
  },
  {
    given: words('Rosalind Cressida Barnaby Imogen Percival Tabitha Leopold Winifred'),
    family: words('Fairweather Thistlewood Ormsby Pennyfeather Hollins Marchbanks Quillfeather Wetherby'),
  },
]

// X handles have 15 characters at most and Bluesky labels 18; this leaves room for digits and affixes.
const HANDLE_MAX = 13

const TRADES = [
  'illustrator',
  'bassist',
  'librarian',
  'nurse on nights',
  'translator',
  'physics teacher',
  'baker',
  'sound engineer',
  'bookbinder',
  'tram driver',
  'botanist',
  'costume maker',
  'radio producer',
  'cartographer',
  'potter',
]
const LIKES = [
  'Nightjar Parade since the first EP',
  'gig photos and bad puns',
  'fan art, mostly geese',
  'setlists, ticket stubs, lost B-sides',
  'vinyl, moss, trains',
  'writes the Nightjar Parade newsletter',
  'collects tour posters',
  'front row, left side',
  'lyrics sheets and long walks',
  'drums in a garage band',
]
// What people call themselves who do not use their name: a word of each makes a handle of 8 to 13 letters.
const ALIAS_FIRST = [
  ...['Tangled', 'Marzipan', 'Midnight', 'Drizzle', 'Crooked', 'Gentle', 'Wander', 'Feral', 'Plaid', 'Sleepy', 'Rusty'],
  ...['Turnip', 'Analog', 'Fuzzy', 'Borrowed', 'Wobbly'],
]
const ALIAS_LAST = [
  ...['Hedge', 'Cassette', 'Otter', 'Satchel', 'Magpie', 'Teapot', 'Ukulele', 'Rook', 'Gutter', 'Acorn', 'Kestrel'],
  ...['Bobbin', 'Marmot', 'Parsnip', 'Zephyr'],
]

const PLACES = ['Porto', 'Lagos', 'Brest', 'Galway', 'Bergen', 'Lviv', 'Patras', 'Haifa', 'Pune', 'Sendai', 'Busan', 'Leeds']

// Never in a handle of ours twice: people get names of their own, so that who is whom is beyond doubt.
export class People {
  constructor(seed, taken = new Set()) {
    this.random = makeRandom(seed)
    this.taken = taken // handle stems in use, shared between communities of one network
    const all = CULTURES.flatMap((culture) =>
      culture.given.flatMap((given) => culture.family.map((family) => ({ culture, given, family }))),
    )
    this.names = this.random.shuffle(all)
    this.aliases = this.random.shuffle(ALIAS_FIRST.flatMap((a) => ALIAS_LAST.map((b) => a + b)))
    this.lastId = 1_100_000_000_000_000_000n // beyond 2^53, as real ids of the last years are
  }

  // The next person: `name` as written, `stem` (lower case, 6 to 13 letters) that their handles are made of, and
  // `camel`, the same with capitals. Two of five go by an alias.
  next() {
    for (;;) {
      const found = this.names.pop()
      if (!found) throw new Error('more people were asked for than there are names')
      const { culture, given, family } = found
      const alias = this.random.next() < 0.4
      const camel = alias ? this.aliases.pop() : this.#fit(given.latin, family.latin)
      const stem = camel?.toLowerCase()
      if (!camel || camel.length > HANDLE_MAX || this.taken.has(stem)) continue
      this.taken.add(stem)
      const parts = culture.familyFirst ? [family.written, given.written] : [given.written, family.written]
      return { name: parts.join(culture.gap ?? ' '), stem, camel, given: given.latin, family: family.latin, alias, bio: this.bio() }
    }
  }

  #fit(given, family) {
    const forms = [given + family, given[0] + family, given + family[0], family]
    return forms.find((form) => form.length >= 6 && form.length <= HANDLE_MAX)
  }

  bio() {
    const { pick } = this.random
    const trade = pick(TRADES)
    const forms = [
      () => `${trade[0].toUpperCase()}${trade.slice(1)} in ${pick(PLACES)}. ${pick(LIKES)}.`,
      () => `${pick(LIKES)} · ${trade} · ${pick(PLACES)}`,
      () => `${trade}, ${pick(PLACES)}\n${pick(LIKES)}`,
    ]
    return pick(forms)()
  }

  // An X id, in order of first appearance: accounts made later have larger ones.
  id() {
    this.lastId += BigInt(1 + this.random.below(900_000_000_000_000))
    return String(this.lastId)
  }
}
