using Monitoring.Settings;

namespace Monitoring.Elasticsearch.Connection;

/// <summary>How Elasticsearch or OpenSearch is reached, and how much is asked of it at once.</summary>
public sealed class ElasticsearchConnectionSettings : ICheckSettings
{
    [Setting("Addresses of nodes of one cluster, such as https://search-1.example:9200; another is taken where one fails. A path is kept, for servers behind a proxy. Empty: Elasticsearch is not used.")]
    public List<Uri> Urls { get; set; } = [];

    [Setting("API key, in the base64 form that Elasticsearch shows once.", Secret = true)]
    public string ApiKey { get; set; } = "";

    [Setting("User name for basic authentication.")]
    public string User { get; set; } = "";

    [Setting("Password for basic authentication.", Secret = true)]
    public string Password { get; set; } = "";

    [Setting("PEM file of the authorities that the server's certificate is held against; empty takes the system's.")]
    public string CaFile { get; set; } = "";

    [Setting("PEM file of the certificate that is shown to the server.")]
    public string ClientCertificateFile { get; set; } = "";

    [Setting("PEM file of the key of the client certificate.")]
    public string ClientKeyFile { get; set; } = "";

    [Setting("Whether requests are compressed.")]
    public bool Compression { get; set; } = true;

    [Setting("How long one request may take.", Minimum = "1s", Maximum = "10m")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(60);

    [Setting("Largest body of a request before compression; halved while the server refuses it for its size or is busy.", Minimum = "64KiB", Maximum = "64MiB")]
    public int MaxBatchBytes { get; set; } = 5 << 20;

    [Setting("Most documents of a request.", Minimum = "1", Maximum = "100000")]
    public int MaxBatchDocuments { get; set; } = 2000;

    [Setting("How long documents wait for others to share a request.", Minimum = "10ms", Maximum = "1m")]
    public TimeSpan MaxBatchAge { get; set; } = TimeSpan.FromSeconds(1);

    [Setting("Shortest pause before another attempt; doubled up to retry_pause_max, with jitter.", Minimum = "10ms", Maximum = "1m")]
    public TimeSpan RetryPause { get; set; } = TimeSpan.FromSeconds(1);

    [Setting("Longest pause before another attempt.", Minimum = "100ms", Maximum = "1h")]
    public TimeSpan RetryPauseMax { get; set; } = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Expected)> Check()
    {
        if (Urls.Exists(static url => !url.IsAbsoluteUri || url.Scheme is not ("http" or "https")))
            yield return ("urls", "URLs with http or https, such as https://search-1.example:9200");
        else if (Urls.Exists(static url => url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0))
            yield return ("urls", "URLs of host, port and path alone; credentials stand in user and password, or in api_key");
        if (ApiKey.Length > 0 && User.Length > 0) yield return ("api_key", "an API key or a user, not both; leave one of api_key and user empty");
        if (ApiKey.Length > 0 && !Credentials.IsApiKey(ApiKey)) yield return ("api_key", "base64 of id:key, which Elasticsearch shows once as 'encoded'");
        if (User.Contains(':', StringComparison.Ordinal)) yield return ("user", "a name without a colon, which basic authentication cannot carry");
        if (Password.Length > 0 && User.Length == 0) yield return ("user", "a user name, since password is set");
        if (ClientKeyFile.Length > 0 && ClientCertificateFile.Length == 0) yield return ("client_certificate_file", "the certificate of client_key_file");
        if (CaFile.Length > 0 && CertificateFiles.Fault(() => CertificateFiles.ReadAuthorities(CaFile)) is { } noAuthority)
            yield return ("ca_file", $"a readable PEM file with certificates of authorities ({noAuthority})");
        if (ClientCertificateFile.Length > 0 && CertificateFiles.Fault(() => CertificateFiles.ReadWithKey(ClientCertificateFile, ClientKeyFile)) is { } noCertificate)
            yield return (File.Exists(ClientCertificateFile) && ClientKeyFile.Length > 0 ? "client_key_file" : "client_certificate_file", $"readable PEM files with a certificate and its key ({noCertificate})");
        if (RetryPauseMax < RetryPause) yield return ("retry_pause_max", "a pause that is not shorter than retry_pause");
    }
}
