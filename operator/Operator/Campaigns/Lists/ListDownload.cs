using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Campaigns.Lists;

/// <summary>Fetches one list over HTTP, piece by piece. It counts only if all of it is what its sha256 says.</summary>
internal sealed class ListDownload(HttpClient http, ListUrls allowed, TimeProvider time) : IDisposable
{
    /// <summary>Seven million vids of 17 characters.</summary>
    public const long MaxBytes = 128L << 20;

    private const int PieceBytes = 16 * 1024;

    /// <summary>For the first byte of the answer, and for each piece after it.</summary>
    private static readonly TimeSpan PieceTimeout = TimeSpan.FromSeconds(30);

    /// <summary>For the whole: a server that drips must not hold the place of others.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);

    /// <summary>Not followed: redirects, which could lead anywhere. Not sent: cookies. The sha256 is that of the bytes as they lie there, so nothing is unpacked.</summary>
    public static HttpClient NewClient() =>
        new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        })
        {
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
        };

    /// <returns>Why the list cannot be used; null when it was read to its end and is the right one. The caller judges its lines.</returns>
    public async Task<Obstacle?> ReadAsync(HttpList list, string name, VidLines lines, CancellationToken cancellationToken)
    {
        if (allowed.Allowed(list.Url) is not { } url)
        {
            return new Obstacle(
                Reasons.ListNotAllowed,
                $"{name}: this installation does not let campaigns fetch lists from there; its operator.listUrls says from where",
                NeedsPerson: true);
        }
        using var whole = new CancellationTokenSource(Timeout, time);
        using var piece = new CancellationTokenSource(PieceTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(whole.Token, piece.Token, cancellationToken);
        try
        {
            using HttpResponseMessage answer = await http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (!answer.IsSuccessStatusCode)
            {
                string redirect = (int)answer.StatusCode is >= 300 and < 400 ? ", and redirects are not followed" : "";
                return Unavailable($"{name}: the server answered {(int)answer.StatusCode}{redirect}");
            }
            await using Stream body = await answer.Content.ReadAsStreamAsync(either.Token);
            return await ReadAsync(body, list.Sha256, name, lines, () => piece.CancelAfter(PieceTimeout), either.Token);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException && !cancellationToken.IsCancellationRequested)
        {
            return Unavailable($"{name}: {fault.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Unavailable($"{name}: no answer within {PieceTimeout.TotalSeconds} s, or not all of it within {Timeout.TotalMinutes} minutes");
        }
    }

    public void Dispose() => http.Dispose();

    private static async Task<Obstacle?> ReadAsync(Stream body, string sha256, string name, VidLines lines, Action nextPiece, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Decoder decoder = Encoding.UTF8.GetDecoder();
        byte[] bytes = ArrayPool<byte>.Shared.Rent(PieceBytes);
        char[] chars = ArrayPool<char>.Shared.Rent(Encoding.UTF8.GetMaxCharCount(bytes.Length));
        try
        {
            long length = 0;
            bool begun = false;
            int read;
            do
            {
                nextPiece();
                read = await body.ReadAsync(bytes, cancellationToken);
                hash.AppendData(bytes, 0, read);
                ReadOnlySpan<char> text = chars.AsSpan(0, decoder.GetChars(bytes, 0, read, chars, 0, flush: read == 0));
                lines.Feed(begun ? text : text.TrimStart('\uFEFF'));
                begun |= text.Length > 0;
                length += read;
                if (length > MaxBytes)
                {
                    return new Obstacle(Reasons.InvalidList, $"{name} is larger than {MaxBytes >> 20} MiB", NeedsPerson: true);
                }
            }
            while (read > 0);
            lines.End();
            string found = Convert.ToHexStringLower(hash.GetHashAndReset());
            return found == sha256 ? null : new Obstacle(
                Reasons.ListHashMismatch, $"{name} has the sha256 {found}, not the one in spec.targets.vidsFrom: put the right list there, or correct the spec", NeedsPerson: true);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
            ArrayPool<char>.Shared.Return(chars);
        }
    }

    private static Obstacle Unavailable(string what) => new(Reasons.ListUnavailable, $"{what}; it is tried again", NeedsPerson: false);
}
