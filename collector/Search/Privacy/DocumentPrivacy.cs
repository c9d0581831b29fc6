namespace Monitoring.Collector.Search.Privacy;

/// <summary>Keeps, hashes or drops what documents say of persons.</summary>
internal sealed class DocumentPrivacy
{
    /// <summary>Stands in a sentence for what was dropped.</summary>
    public const string Dropped = "[dropped]";

    // Every node has it, and it is nobody.
    private const string SystemUser = "root";

    private readonly PrivacySettings settings;
    private readonly PrivacyKey? key;

    /// <param name="settings">What is to be kept.</param>
    /// <param name="key">The key; null where nothing is hashed.</param>
    public DocumentPrivacy(PrivacySettings settings, PrivacyKey? key)
    {
        if (settings.NeedsKey && key is null) throw new ArgumentException("Something is to be hashed and there is no key.", nameof(key));
        this.settings = settings;
        this.key = key;
    }

    /// <summary>What the settings ask for, with the key of their file.</summary>
    /// <exception cref="IOException">The key cannot be read.</exception>
    public static DocumentPrivacy Of(PrivacySettings settings) => new(settings, settings.NeedsKey ? PrivacyKey.Read(settings.KeyFile) : null);

    /// <summary>The name of a user; null where it is dropped.</summary>
    public string? User(string name) => name == SystemUser ? name : Treat(settings.Users, name);

    /// <summary>A command line; null where it is dropped. Where it is kept, paths and users in it are still treated by <see cref="Names.In"/>.</summary>
    public string? CommandLine(string line) => Treat(settings.CommandLines, line);

    /// <summary>An address; null where it is dropped.</summary>
    public string? Remote(string address) => Treat(settings.Addresses, address);

    /// <summary>True where an address may be searched as one.</summary>
    public bool KeepsAddresses => settings.Addresses == PrivacyTreatment.Keep;

    /// <summary>What a document names of persons, to be found again in its sentences.</summary>
    public Names Named() => new(this);

    private string? Treat(PrivacyTreatment treatment, string value) => (treatment, value) switch
    {
        (_, "") => "",
        (PrivacyTreatment.Keep, _) => value,
        (PrivacyTreatment.Hash, _) => key!.Hash(value),
        _ => null,
    };

    /// <summary>The persons, command lines and addresses of one document.</summary>
    internal sealed class Names(DocumentPrivacy privacy)
    {
        // A document names a handful; a capture of a node that many share some dozens.
        private const int MostNames = 256;

        private readonly List<(string Value, string Replacement)> lines = [];
        private readonly List<(string Value, string Replacement)> names = [];

        /// <summary>Users that the document names, as they may be shown.</summary>
        public SortedSet<string> Users { get; } = new(StringComparer.Ordinal);

        /// <summary>A user, as he may be shown; null where he is dropped.</summary>
        public string? User(string? name)
        {
            if (string.IsNullOrEmpty(name)) return null;
            var shown = privacy.User(name);
            Note(names, name, shown);
            if (shown is not null && name != SystemUser) Users.Add(shown);
            return shown;
        }

        /// <summary>An address, as it may be shown; null where it is dropped.</summary>
        public string? Remote(string? address)
        {
            if (string.IsNullOrEmpty(address)) return null;
            var shown = privacy.Remote(address);
            Note(names, address, shown);
            return shown;
        }

        /// <summary>A command line, as it may be shown; null where it is dropped.</summary>
        public string? CommandLine(string? line)
        {
            if (string.IsNullOrEmpty(line)) return null;
            var shown = privacy.CommandLine(line);
            Note(lines, line, shown);
            return shown == line ? In(line) : shown;
        }

        /// <summary>A sentence in which everything that was named so far, and every path, is treated as the settings say.</summary>
        public string In(string text)
        {
            // Whole command lines before the paths in them, paths before the users in them: each is hashed as it was.
            foreach (var (value, replacement) in lines) text = WholeWords.Replace(text, value, replacement);
            if (privacy.settings.Paths != PrivacyTreatment.Keep) text = FilePaths.Replace(text, path => privacy.Treat(privacy.settings.Paths, path) ?? Dropped);
            foreach (var (value, replacement) in names) text = WholeWords.Replace(text, value, replacement);
            return text;
        }

        private static void Note(List<(string Value, string Replacement)> known, string value, string? shown)
        {
            if (shown == value || known.Count >= MostNames || known.Exists(one => one.Value == value)) return;
            // The longest first: it may hold a shorter one.
            var place = known.FindIndex(one => one.Value.Length < value.Length);
            known.Insert(place < 0 ? known.Count : place, (value, shown ?? Dropped));
        }
    }
}
