using Monitoring.Settings;

namespace Monitoring.Collector.Search.Privacy;

/// <summary>What of persons goes into Elasticsearch.</summary>
internal sealed class PrivacySettings : ICheckSettings
{
    /// <summary>Names of users.</summary>
    [Setting("Names of users and of persons who ask for captures: kept, hashed with the key, or dropped; in sentences too, where the document names the user. root is no person.")]
    public PrivacyTreatment Users { get; set; } = PrivacyTreatment.Keep;

    /// <summary>Command lines of processes.</summary>
    [Setting("Command lines of processes, from which agents have taken secrets already: kept, hashed with the key, or dropped.")]
    public PrivacyTreatment CommandLines { get; set; } = PrivacyTreatment.Keep;

    /// <summary>Paths of files.</summary>
    [Setting("Paths of files in sentences and command lines, those of the system (/usr, /proc, /sys, ...) excepted: kept, hashed with the key, or dropped.")]
    public PrivacyTreatment Paths { get; set; } = PrivacyTreatment.Keep;

    /// <summary>Addresses that requests came from.</summary>
    [Setting("Addresses that requests came from, in the audit: kept, hashed with the key, or dropped.")]
    public PrivacyTreatment Addresses { get; set; } = PrivacyTreatment.Keep;

    /// <summary>Where the key of the hash lies.</summary>
    [Setting("File with the key of the hash, 16 bytes or more that nobody can guess (openssl rand -out FILE 32). The same key gives the same hash for ever; without the key a hash leads back to nobody.")]
    public string KeyFile { get; set; } = "";

    /// <summary>True where something is hashed.</summary>
    internal bool NeedsKey => Users == PrivacyTreatment.Hash || CommandLines == PrivacyTreatment.Hash || Paths == PrivacyTreatment.Hash || Addresses == PrivacyTreatment.Hash;

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Expected)> Check()
    {
        if (NeedsKey && KeyFile.Length == 0) yield return ("key_file", "the path of a file with a key, since something is to be hashed");
    }
}

/// <summary>What becomes of a value that tells of a person.</summary>
internal enum PrivacyTreatment
{
    Keep,
    Hash,
    Drop,
}
