using Monitoring.Settings;

namespace Monitoring.Collector.Captures.Buckets;

/// <summary>The bucket in which captures are kept.</summary>
internal sealed class BucketSettings : ICheckSettings
{
    /// <summary>Name of the bucket.</summary>
    [Setting("Name of the bucket, which must exist; empty keeps captures in the directory.")]
    public string Name { get; set; } = "";

    /// <summary>Address of the server.</summary>
    [Setting("Address of the S3 server, such as http://minio:9000; empty takes Amazon's of the region. Buckets are addressed by path.")]
    public Uri? Endpoint { get; set; }

    /// <summary>Region that requests are signed for.</summary>
    [Setting("Region that requests are signed for; most servers other than Amazon's take any.")]
    public string Region { get; set; } = "us-east-1";

    /// <summary>What the keys begin with.</summary>
    [Setting("What the keys of captures begin with; one collector alone may use a prefix of a bucket.")]
    public string Prefix { get; set; } = "captures/";

    /// <summary>Who the collector is to the server.</summary>
    [Setting("Access key of the account that may read, write, list and delete below the prefix.")]
    public string AccessKey { get; set; } = "";

    /// <summary>The password to the access key.</summary>
    [Setting("Secret key of the account.", Secret = true)]
    public string SecretKey { get; set; } = "";

    /// <summary>Size of the parts of large files.</summary>
    [Setting("Files above this size are sent in parts of it; a file may have 10000 parts.", Minimum = "5MiB", Maximum = "1GiB")]
    public long PartBytes { get; set; } = 16L << 20;

    /// <summary>How long one request may take.</summary>
    [Setting("How long the server may take for one request, a part of a file included.", Minimum = "1s", Maximum = "10m")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether captures go to the bucket.</summary>
    internal bool IsUsed => Name.Length > 0;

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Expected)> Check()
    {
        if (Endpoint is { } endpoint && endpoint.Scheme is not ("http" or "https")) yield return ("endpoint", "a URL with http or https, such as http://minio:9000");
        if (Prefix.StartsWith('/') || (Prefix.Length > 0 && !Prefix.EndsWith('/'))) yield return ("prefix", "a path that ends in / and does not begin with one, such as captures/");
        if (!IsUsed) yield break;
        if (AccessKey.Length == 0) yield return ("access_key", $"an access key for the bucket {Name}");
        if (SecretKey.Length == 0) yield return ("secret_key", $"the secret of the access key for the bucket {Name}");
    }
}
