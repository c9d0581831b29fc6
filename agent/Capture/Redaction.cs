using System.Text.RegularExpressions;

namespace Monitoring.Agent.Capture;

/// <summary>
/// Takes secrets out of command lines and environments. What follows a name that speaks of a secret goes, and what has the form of a
/// secret goes wherever it stands; too much is taken rather than too little.
/// </summary>
internal static partial class Redaction
{
    /// <summary>Stands where something was taken out.</summary>
    internal const string Mark = "[redacted]";

    /// <summary>Arguments kept of a process.</summary>
    internal const int ArgumentsAtMost = 256;

    /// <summary>Characters kept of an argument or a value.</summary>
    internal const int CharactersAtMost = 1000;

    private const string Cut = "...";

    /// <summary>How deep names stand in values of others at most.</summary>
    private const int Nesting = 4;

    // Programs whose option -p is a password; of others it is a port or a path.
    private static readonly string[] ShortPasswordPrograms = ["mysql", "mysqldump", "mariadb", "sshpass", "mongo", "mongosh", "redis-cli"];

    // Names that hold one of these as a word of their own: ssh_key, but not monkey.
    private static readonly string[] SecretWords = ["key", "keys", "pwd", "pass", "auth", "pat", "jwt", "sas"];

    // Variables that say where in which job a process is.
    private static readonly string[] KeptVariables =
    [
        "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "CUDA_LAUNCH_BLOCKING", "NVIDIA_VISIBLE_DEVICES", "RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "GROUP_RANK",
        "NODE_RANK", "MASTER_ADDR", "MASTER_PORT", "HOSTNAME", "POD_NAME", "POD_NAMESPACE", "POD_UID", "NODE_NAME", "PBS_JOBID", "LSB_JOBID", "JOB_ID", "OMP_NUM_THREADS",
        "KINETO_USE_DAEMON", "PYTORCH_CUDA_ALLOC_CONF", "TORCH_DISTRIBUTED_DEBUG",
    ];

    private static readonly string[] KeptPrefixes = ["SLURM_", "NCCL_", "KUBERNETES_", "OMPI_COMM_WORLD_", "PMI_", "UCX_"];

    /// <summary>A command line without secrets.</summary>
    internal static IReadOnlyList<string> CommandLine(IReadOnlyList<string> arguments)
    {
        List<string> kept = [];
        var program = arguments is [var first, ..] ? Path.GetFileName(first) : "";
        // A user's name may have a password behind it; of python -u it is a script.
        var (next, isUser) = (false, false);
        foreach (var argument in arguments.Take(ArgumentsAtMost))
        {
            var isOption = argument.StartsWith('-');
            // The value of an option that speaks of a secret, though it may look like an option itself.
            if (next && argument.Length > 0 && (!isUser || argument.Contains(':', StringComparison.Ordinal)))
            {
                kept.Add(Mark);
                next = false;
                continue;
            }
            isUser = argument is "-u" or "--user" or "--proxy-user";
            next = isUser || (isOption && IsBareSecretOption(argument, program));
            kept.Add(isOption && GluedPassword(argument, program) ? argument[..2] + Mark : Text(argument));
        }
        if (arguments.Count > ArgumentsAtMost) kept.Add(Cut);
        return kept;
    }

    /// <summary>Of an environment what tells of the job, without secrets.</summary>
    internal static IReadOnlyDictionary<string, string> Environment(IEnumerable<KeyValuePair<string, string>> variables)
    {
        var kept = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in variables)
            if (Array.IndexOf(KeptVariables, name) >= 0 || Array.Exists(KeptPrefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal)))
                kept[name] = SpeaksOfSecret(name) ? Mark : Text(value);
        return kept;
    }

    /// <summary>A text without secrets, and not too long.</summary>
    internal static string Text(string text)
    {
        // Far more than is kept, so that what is cut off is no part of a secret whose beginning stays.
        if (text.Length > 8 * CharactersAtMost) text = text[..(8 * CharactersAtMost)];
        text = PrivateKey().Replace(text, Mark);
        text = UserInformation().Replace(text, "${scheme}" + Mark + "@");
        text = Authorization().Replace(text, "${name}" + Mark);
        text = NamedValues(text, Nesting);
        text = OptionAndValue().Replace(text, static match => IsSecretOption(match.Groups["name"].Value, match.Groups["value"].Value) ? match.Groups["name"].Value + match.Groups["between"].Value + Mark : match.Value);
        text = Known().Replace(text, Mark);
        text = Long().Replace(text, static match => IsRandom(match.Value) ? Mark : match.Value);
        return text.Length > CharactersAtMost ? text[..CharactersAtMost] + Cut : text;
    }

    /// <summary>Takes out values of names that speak of a secret; the value of another one may hold such a name itself: <c>--env=API_KEY=...</c>.</summary>
    private static string NamedValues(string text, int nesting) => NameAndValue().Replace(text, match =>
    {
        var before = match.Groups["name"].Value + match.Groups["between"].Value;
        return SpeaksOfSecret(match.Groups["name"].Value) ? before + Mark
            : nesting > 0 ? before + NamedValues(match.Groups["value"].Value, nesting - 1) : match.Value;
    });

    /// <summary>True for a name of an option, variable or property whose value is not for everyone.</summary>
    internal static bool SpeaksOfSecret(string name)
    {
        var lower = name.ToLowerInvariant();
        if (lower.Contains("secret", StringComparison.Ordinal) || lower.Contains("passw", StringComparison.Ordinal) || lower.Contains("passphrase", StringComparison.Ordinal)
            || lower.Contains("credential", StringComparison.Ordinal) || lower.Contains("apikey", StringComparison.Ordinal) || lower.Contains("accesskey", StringComparison.Ordinal)
            || lower.Contains("signature", StringComparison.Ordinal) || lower.Contains("cookie", StringComparison.Ordinal) || lower.Contains("bearer", StringComparison.Ordinal)) return true;
        // Language models have tokenizers and counts of tokens.
        if (lower.Contains("token", StringComparison.Ordinal)) return !lower.Contains("tokeniz", StringComparison.Ordinal) && !lower.Contains("tokens", StringComparison.Ordinal);
        foreach (var word in WordsOf().EnumerateMatches(name))
            if (Array.IndexOf(SecretWords, lower.Substring(word.Index, word.Length)) >= 0) return true;
        return false;
    }

    private static bool IsBareSecretOption(string argument, string program)
    {
        if (argument.Contains('=', StringComparison.Ordinal) || argument.Contains(':', StringComparison.Ordinal)) return false;
        return SpeaksOfSecret(argument.TrimStart('-')) || (argument is "-p" or "-a" && Array.IndexOf(ShortPasswordPrograms, program) >= 0);
    }

    private static bool IsSecretOption(string name, string value) =>
        name is "-u" or "--user" or "--proxy-user" ? value.Contains(':', StringComparison.Ordinal) : value != Mark && SpeaksOfSecret(name.TrimStart('-'));

    private static bool GluedPassword(string argument, string program) =>
        argument.Length > 2 && argument[1] is 'p' && Array.IndexOf(ShortPasswordPrograms, program) >= 0;

    /// <summary>Letters of both cases and digits together: nothing that a person names a thing by.</summary>
    private static bool IsRandom(string text) => text.Any(char.IsAsciiDigit) && text.Any(char.IsAsciiLetterUpper) && text.Any(char.IsAsciiLetterLower);

    [GeneratedRegex("-----BEGIN [^-]*PRIVATE KEY-----.*", RegexOptions.Singleline)]
    private static partial Regex PrivateKey();

    // Of scheme://user:password@host and scheme://token@host everything before the @, which may itself hold further ones.
    [GeneratedRegex(@"(?<scheme>[A-Za-z][A-Za-z0-9+.-]*://)[^/\s?#'""]+@")]
    private static partial Regex UserInformation();

    [GeneratedRegex(@"(?<name>(authorization|x-api-key|private-token|x-auth-token|cookie)""?\s*[:=]\s*""?)[^""'\r\n]+", RegexOptions.IgnoreCase)]
    private static partial Regex Authorization();

    // name=value, name: value, "name": "value", of query strings, JSON, YAML, headers and connection strings.
    [GeneratedRegex(@"(?<name>[A-Za-z_][A-Za-z0-9_.\-]*)(?<between>\\?[""']?\s*[=:]\s*)(?<value>""(?:[^""\\]|\\.)*""?|'[^']*'?|[^\s&;,""'}\]]+)")]
    private static partial Regex NameAndValue();

    // --name value, of a line of shell that is one argument.
    [GeneratedRegex(@"(?<![\w-])(?<name>--?[A-Za-z][A-Za-z0-9_.\-]*)(?<between>\s+)(?<value>""(?:[^""\\]|\\.)*""?|'[^']*'?|[^\s;&|'""-][^\s;&|]*)")]
    private static partial Regex OptionAndValue();

    // AWS key ids, GitHub, GitLab, Hugging Face, OpenAI and Anthropic, Slack, Google, NVIDIA NGC, Weights & Biases' local form, JSON web tokens.
    [GeneratedRegex(@"\b(A(KIA|SIA|ROA|IDA)[A-Z0-9]{12,}|gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,}|glpat-[A-Za-z0-9_\-]{16,}|hf_[A-Za-z0-9]{16,}|sk-[A-Za-z0-9_\-]{16,}|xox[a-z]-[A-Za-z0-9\-]{8,}|AIza[A-Za-z0-9_\-]{30,}|nvapi-[A-Za-z0-9_\-]{16,}|local-[0-9a-f]{40}|eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{4,}(\.[A-Za-z0-9_\-]*)?)")]
    private static partial Regex Known();

    // After a = what has slashes is a path.
    [GeneratedRegex(@"((?<![A-Za-z0-9+/=_.-])[A-Za-z0-9+/_]{32,}|(?<==)[A-Za-z0-9+_]{32,})={0,2}(?![A-Za-z0-9+/_.-])")]
    private static partial Regex Long();

    // The words of snake_case, kebab-case, dotted.names and camelCase.
    [GeneratedRegex(@"[A-Z]?[a-z0-9]+|[A-Z0-9]+(?![a-z])")]
    private static partial Regex WordsOf();
}
