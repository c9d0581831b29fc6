using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Monitoring.Elasticsearch.Connection;

/// <summary>The certificate that is shown to servers, read again when its file was renewed: those of clusters live for hours or days.</summary>
internal sealed class ClientCertificate
{
    private readonly string path;
    private readonly string keyPath;
    private readonly Lock gate = new(); // guards the two below
    private X509Certificate2 current;
    private DateTime written;

    internal ClientCertificate(string path, string keyPath)
    {
        (this.path, this.keyPath) = (path, keyPath);
        written = File.GetLastWriteTimeUtc(path);
        current = CertificateFiles.ReadWithKey(path, keyPath);
    }

    /// <summary>The newest that can be read.</summary>
    internal X509Certificate2 Current
    {
        get
        {
            lock (gate)
            {
                var now = File.GetLastWriteTimeUtc(path);
                if (now == written) return current;
                try
                {
                    current = CertificateFiles.ReadWithKey(path, keyPath); // the old one is left to those connections that show it
                    written = now;
                }
                catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException)
                {
                    // Half of the pair may have been renewed: the next connection looks again.
                }
                return current;
            }
        }
    }
}
