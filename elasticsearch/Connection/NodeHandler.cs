using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Monitoring.Elasticsearch.Connection;

/// <summary>Connections to nodes, with the certificates that are set.</summary>
internal static class NodeHandler
{
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5); // a node that moved is found by name again
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10); // then another node is asked; a request itself may take longer

    internal static SocketsHttpHandler Create(ElasticsearchConnectionSettings settings) => new()
    {
        AllowAutoRedirect = false, // credentials go to the configured addresses alone
        AutomaticDecompression = DecompressionMethods.GZip | DecompressionMethods.Deflate,
        ConnectTimeout = ConnectTimeout < settings.RequestTimeout ? ConnectTimeout : settings.RequestTimeout,
        PooledConnectionLifetime = ConnectionLifetime,
        UseCookies = false,
        SslOptions = Tls(settings),
    };

    private static SslClientAuthenticationOptions Tls(ElasticsearchConnectionSettings settings)
    {
        var options = new SslClientAuthenticationOptions();
        if (settings.CaFile.Length > 0)
        {
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(CertificateFiles.ReadAuthorities(settings.CaFile));
        }
        if (settings.ClientCertificateFile.Length > 0)
        {
            var certificate = new ClientCertificate(settings.ClientCertificateFile, settings.ClientKeyFile);
            options.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate.Current;
        }
        return options;
    }
}
